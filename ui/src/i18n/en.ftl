### Every string of the window. Short sentences, sentence case, the glossary's words.

## General

app-name = Vaultmark
starting = Starting
screen-failed = A mistake in the program keeps this screen from being shown. What was saved before is kept.
screen-failed-remedy = Try again, or go to another place.
start-failed = Vaultmark could not start
next = Next
back = Back
cancel = Cancel
close = Close
done = Done
retry = Try again
dismiss = Dismiss
reset = Reset
browse = Browse
print = Print
copy = Copy
copied-for = Copied, for { $seconds } s
loading = Loading
marking = Marking
format = Format
label = Label
labels = Labels
note = Note
flags = Flags
several = Several values
name-with-key = { $name } ({ $key })
steps-label = Step { $at } of { $of }
note-information = Information:
note-warning = Warning:
note-danger = Error:
note-success = Done:
marking-top = Marking at the top: { $marking }
marking-bottom = Marking at the bottom: { $marking }

## Places

places = Places
place-projects = Projects
place-library = Library
place-annotate = Annotate
place-exchange = Exchange
place-manual = Manual
place-security = Security
place-settings = Settings
place-needs-project = { $name }: open a project first

## Status line

save-saved = Saved
save-saving = Saving…
save-failed = Not all saved
save-refused = A change was not saved and has been taken back
seal-closed = Network closed
seal-unknown = Network not sealed
seal-unknown-hint = Whether the network is closed is not known. See Security.
automation-build = Automation build: not for real data
last-sign-in = Last sign-in { $time }, { $failures ->
    [0] no failures since
    [one] one failure since
   *[other] { $failures } failures since
  }
first-sign-in = First sign-in
session-left = Time until the vault locks
session-left-hint = The vault locks after { $minutes } minutes without input.
jobs = Jobs
jobs-count = { $running ->
    [0] { $all ->
        [one] 1 job ended
       *[other] { $all } jobs ended
      }
    [one] 1 job running
   *[other] { $running } jobs running
  }
work-import-plan = Look at what would be imported
work-import = Import images
work-prepare = Prepare large images
work-annotations-import = Import annotations
work-bundle-create = Make a bundle
work-bundle-verify = Verify a bundle
work-bundle-receive = Receive a bundle
work-check = Check the vault
job-done = Done in { $time }
job-failed = Failed after { $time }
job-cancelled = Cancelled after { $time }
job-dismiss = Take off the list
job-background = Go on in the background
progress-count = { $done } of { $total }
progress-rate = { $rate }/s
progress-left = { $time } left

## Unlock

unlock-title = Unlock the vault
unlock-notice = Notice and consent
unlock-locked = The vault was locked: { $reason }
unlock-locked-screen = The part of the program that draws the screen ended by itself, so the vault was locked. What was shown as saved is kept.
unlock-locked-idle = The vault locked itself, for want of input. What was shown as saved is kept.
unlock-path = Vault
unlock-other = Another vault
unlock-name = Name
unlock-passphrase = Passphrase
unlock-submit = Unlock
unlock-busy = Unlocking…
unlock-new = Make a new vault
unlock-no-vault = There is no vault in this folder.
unlock-make = Make one here
unlock-choose = Choose a vault
unlock-choose-hint = Open the folder that holds the vault.
unlock-use = Use this vault

## First run

setup-title = Make a vault
setup-step-folder = Folder
setup-step-officer = Officer
setup-step-policy = Policy
setup-step-recovery = Recovery sheet
setup-folder-text = A vault is one folder that holds everything: imagery, annotations, keys, the record of what was done. All of it is encrypted. Choose a disk with room for the imagery.
setup-path = Folder for the vault
setup-path-hint = A folder that does not exist yet, or an empty one. Not on a network drive.
setup-choose = Where the vault will lie
setup-choose-hint = A new folder is made inside the one you open here.
setup-folder-name = vault
setup-use-folder = Make it here
setup-exists = There is already a vault in { $path }. It was not touched.
setup-exists-remedy = Choose another folder, or unlock that vault.
setup-no-parent = “{ $folder }” is not there, so no vault can be made in it.
setup-no-parent-remedy = Make that folder first, or choose another place.
setup-unlock = Unlock an existing vault
setup-officer-text = The officer manages people, policy and keys.
setup-officer = Your name
setup-officer-hint = You sign in with it. It is stored encrypted.
setup-passphrase = Passphrase
setup-passphrase-again = Passphrase again
setup-passphrase-differs = The two differ.
strength-line = { $length } characters. { $words }
strength-empty = At least 15. Four or five words that do not belong together are easy to remember and hard to guess.
strength-short = { $missing ->
    [one] One more is needed.
   *[other] { $missing } more are needed.
  }
strength-plain = Long enough, but it repeats itself or runs in order: easy to guess.
strength-fair = Good.
strength-strong = Very good.
setup-policy-text = Marking and the number of people can be seen in every bundle that leaves this vault. In this version none of this can be changed later.
setup-marking-hint = The highest classification that this vault holds. Choose a word or type your site's own. An unknown marking is treated as the highest.
setup-policy = Who decides about an export
policy-single = One person
policy-single-hint = Who may export decides alone. Each export is marked, justified, signed and recorded.
policy-two = Two people
policy-two-hint = A second person must approve; nobody approves their own export. This version knows one person per vault: it can't add a second one and can't change this choice. A vault with it never exports anything.
setup-side-doors = What other programs on this computer may be handed
side-door-copy = Copied text
side-door-copy-time = { $seconds ->
    [0] Nothing can be copied, and selected text does not stay selected
    [60] Taken off the clipboard after a minute
    [300] Taken off the clipboard after five minutes
   *[other] Taken off the clipboard after { $seconds } seconds
  }
side-door-print = Print pages of the program
side-door-print-hint = The manual, the posture and the recovery sheet. The computer's print service keeps copies of what it prints.
side-door-drag = Drag text into other programs
side-door-drag-hint = What is dragged leaves the vault without an export. It is recorded that something was dragged, also within a field, not what it was.
setup-create = Make the vault
setup-busy = Making the vault…
setup-done = Open the vault
recovery-sheet = Recovery sheet
recovery-once = This is shown once
recovery-text = With this sheet and the vault's folder, access can be restored when a passphrase is lost. Without both, nobody can restore it, not even the makers. Copy it by hand, and keep it in a safe.
recovery-text-print = With this sheet and the vault's folder, access can be restored when a passphrase is lost. Without both, nobody can restore it, not even the makers. Copy it by hand or print it, and keep it in a safe.
recovery-time = After { $minutes } minutes without a key, click or wheel the vault locks, and the sheet is gone.
recovery-vault = Vault { $path }, officer { $officer }
recovery-fingerprint = Fingerprint
recovery-print-hint = Only on a printer that may hold it. Printers remember.
recovery-confirm = Type the last { $count } characters of the sheet
recovery-wrong = These are not its last characters.

## Projects

project-new = New project
project-new-title = New project
project-new-text = A project has its own keys, its own labels and its own imagery.
project-name = Name
project-create = Make the project
project-marking-hint = Shown in the banners while you are in the project.
project-roles = You are { $roles }
project-items = { $items ->
    [one] 1 item
   *[other] { $text } items
  }
project-annotations = { $annotations ->
    [one] 1 annotation
   *[other] { $text } annotations
  }
project-done = { $done } of { $items } done
projects-search = Find a project
projects-none-found = No project is called “{ $words }”.
projects-failed = The projects could not be listed
project-damaged = The project { $id } can’t be opened; the others are not affected
projects-empty = No projects yet
projects-empty-text = A project holds a set of imagery, its labels and the work on it. Make the first one, or receive one as a bundle.
projects-empty-viewer = You have no role in any project of this vault. A manager of the project can give you one.
projects-receive = Receive a bundle
read-first-hour = Read “Your first hour”
no-permission-create = Making projects needs the role officer. An officer can give it to you.
role-viewer = viewer
role-annotator = annotator
role-reviewer = reviewer
role-manager = manager
role-exporter = exporter
role-approver = approver
role-officer = officer
role-auditor = auditor

## Library

library-import = Import images
library-filters = Filters
library-search = Find by name
library-label = Label
library-any-label = Any label
label-with-count = { $label } ({ $count })
library-state = State
library-any-state = Any state
library-clear = Clear the filters
library-count = { $count ->
    [one] 1 item
   *[other] { $text } items
  }
library-sort = Order
sort-path = By path
sort-number = By import
sort-annotations = By annotations
sort-size = By size
sort-ascending = Ascending
sort-descending = Descending
library-view = View
view-grid = Pictures
view-list = Lines
library-items = Items
library-failed = The items could not be listed
library-empty = No images yet
library-empty-text = Import a folder: you see a plan first, with what is new, what is already here, and what is refused and why. The files themselves are never changed.
library-empty-viewer = Nothing has been imported into this project. A manager of the project can import.
library-read = Read about importing
library-none-found = Nothing matches
library-none-found-text = No item matches all the filters.
no-permission-import = Importing needs the role manager in this project. A manager can give it to you.
folders = Folders
folders-all = All folders
folders-further = { $count ->
    [one] One more folder is not listed. Search for its name.
   *[other] { $count } more folders are not listed. Search for their names.
  }
folders-toggle = Folders
panel-resize = Resize the panel
thumbnail-none = No picture: the media is not here
state-new = New
state-in_progress = In progress
state-done = Done
state-flagged = Flagged
selection = Selection
selection-count = { $count ->
    [one] 1 item selected
   *[other] { $text } items selected
  }
selection-working = { $done } of { $of } saved
selection-open = Annotate
selection-none = Select none

## Importing images

import-title = Import images
import-step-where = Where
import-step-plan = Plan
import-step-report = Report
import-text = Open a folder to import everything in it, or choose one file. Nothing is imported before you have seen the plan.
import-path = Folder or file to import
import-chosen = Chosen:
import-plan = Show the plan
import-failed = The import did not go through
import-new = New
import-duplicates = Already here
import-duplicates-hint = the same bytes; skipped
import-refused = Refused
import-sample = New, for example
import-nothing-new = There is nothing new to import here.
import-run = { $count ->
    [one] Import 1 image
   *[other] Import { $text } images
  }
import-done = { $count ->
    [one] 1 image imported
   *[other] { $text } images imported
  }
import-cancelled = { $count ->
    [one] Cancelled after 1 image
   *[other] Cancelled after { $text } images
  }
import-stopped = Cancelled. What was imported before stays; import the same folder again to go on.
import-figures = { $size } in { $time }, { $duplicates } already here.
refused-title = { $count ->
    [one] 1 file refused
   *[other] { $text } files refused
  }
refused-more = And { $count } more.
browse-up = Up one folder
browse-home = Home
browse-computer = Computer
browse-places = Places
browse-entries = Contents
browse-empty = This folder is empty.

## Importing annotations

annotations-import = Import annotations
annotations-text = Annotations are matched to the images by file name.
annotations-path = File or folder with annotations
annotations-strict = Strict
annotations-strict-hint = Refuse the whole file when one record is wrong. Otherwise wrong records are left out and listed.
annotations-run = Import
annotations-failed = The annotations were not imported
annotations-done = { $count ->
    [one] 1 annotation imported
   *[other] { $text } annotations imported
  }
annotations-refused = { $count ->
    [0] No record was refused.
    [one] 1 record was refused.
   *[other] { $text } records were refused.
  }
annotations-refused-title = Refused records
annotations-labels = New labels: { $labels }.
annotations-notes = Repaired or guessed
report-file = File
report-line = Line
report-reason = Why
report-what = What was done

## Annotate

annotate-empty = No item is open
annotate-empty-text = Import images in the Library, then open one here.
annotate-empty-filter = No item matches the filters of the Library.
annotate-to-library = Go to the Library
canvas-label = { $name }, { $annotations ->
    [0] no annotations
    [one] 1 annotation
   *[other] { $annotations } annotations
  }
item-position = { $at } of { $of }
item-not-listed = Not in the list
item-mark-done = Mark done
item-is-done = Done
item-flag = Flag
item-unflag = Remove flag
item-failed = This item could not be opened
item-no-media = This item arrived without its media. Its annotations are shown on empty ground.
annotations-unknown = { $count ->
    [one] One annotation has a kind that this version can't show. It is kept.
   *[other] { $count } annotations have kinds that this version can't show. They are kept.
  }
tiles-missing = { $count ->
    [one] One part of the image could not be loaded.
   *[other] { $count } parts of the image could not be loaded.
  }
read-only-mark = Read-only
read-only = You can look but not change: that needs the role annotator. A manager of the project can give it to you.
no-labels = This project has no labels
no-labels-text = A label says what a shape is, for example “building”. Add the first one, then draw.
no-labels-ask = Drawing needs labels. A manager of the project can add them.
label-add-first = Add labels
complaint-no-label = Choose a label first.
complaint-read-only = You can't change this item.
complaint-locked = This annotation is locked. Unlock it in the details, or press its key.
complaint-too-few-vertices = A shape needs more points. Nothing was drawn.
complaint-no-extent = A shape needs some size. Nothing was drawn.
undo-held = Undo has stopped before: { $what }
undo-held-text = { $count ->
    [0] It concerns the whole project, not only what is on screen.
   *[other] It concerns { $text } items, not only this one.
  }
undo-held-go = Undo it too
exceptions-title = { $count ->
    [one] One part stays as it is
   *[other] { $text } parts stay as they are
  }
exceptions-more = And { $count } more.
exception-item = Items, { $text } ×: { $reason }
exception-annotation = Annotations, { $text } ×: { $reason }
exception-label = Labels, { $text } ×: { $reason }
undo-what = Undo: { $what }
redo-what = Redo: { $what }
gesture-create = draw
gesture-delete = delete
gesture-move = move
gesture-reshape = change shape
gesture-relabel = change label
gesture-annotate = flags or note
gesture-order = change order
gesture-paste = paste
gesture-import = import of images
gesture-annotations-import = import of annotations ({ $format })
gesture-labels = change the labels
gesture-item-done = mark done
gesture-item-flag = flag the item
gesture-item-note = note on the item
tools = Tools
filmstrip = Filmstrip
pointer = { $x }, { $y } px
selected = { $count } selected
item-kind = { $format }, { $bands ->
    [one] 1 band
   *[other] { $bands } bands
  }, { $sample }
annotation-count = { $count ->
    [one] 1 annotation
   *[other] { $text } annotations
  }
zoom-actual = Show at 100 %
label-count-here = On this item
label-count-project = In the project
side-panel = Details
tab-objects = Objects
tab-labels = Labels
tab-item = Item
tab-history = History
objects = Objects
objects-filter = Filter
objects-sort = Order
objects-sort-order = Order
objects-sort-label = Label
objects-sort-kind = Shape
objects-sort-flagged = Flagged
objects-none = Nothing is drawn on this item.
objects-none-draw = Nothing is drawn yet. Choose a tool on the left, or press N.
objects-none-found = Nothing matches.
details = Details of the selection
label-unknown = Unknown label
has-note = Has a note
flag-flagged = Flagged
flag-occluded = Occluded
flag-truncated = Truncated
flag-locked = Locked
flag-hidden = Hidden
note-hint = Saved when you leave the field
source = Source
shape-box = Box
shape-polygon = Polygon
shape-polyline = Line
shape-point = Point
figure-place = Position
figure-extent = Size
figure-vertices = Vertices
figure-holes = Holes
figure-points = { $count ->
    [one] 1 point
   *[other] { $text } points
  }
labels-show-all = Show all
labels-hide-all = Hide all
label-show = Show { $label }
label-hide = Hide { $label }
label-select-all = Select all of { $label }
labels-none = No labels yet.
item-note = Note on the item
item-name = Name
item-folder = Folder
item-extent = Pixels
item-format = Format
item-size = Size
item-annotations = Annotations
item-orientation = Turned
item-orientation-text = shown upright (EXIF { $value }); the file is as it was
item-content = SHA-512
history-none = Nothing has been changed on this item yet.
history-undo = Undone: { $what }
history-redo = Redone: { $what }
history-undo-unknown = Undone
history-redo-unknown = Redone
history-number = Change { $seq }

## Image adjustments

adjust = Image adjustments
adjust-brightness = Brightness
adjust-contrast = Contrast
adjust-gamma = Gamma
adjust-invert = Invert
adjust-stretch = Stretch between percentiles
adjust-low = Black
adjust-high = White
adjust-bands = Bands
adjust-red = Red
adjust-green = Green
adjust-blue = Blue
adjust-hint = Only for looking. The file stays as it is.
band = { $number }

## Labels

labels-title = Labels of the project
labels-text = Each label has a name, a colour and, if you like, a key that you press with Ctrl.
label-name = Name of a new label
label-color = Colour
label-add = Add
label-color-of = Colour of { $label }
label-name-of = Name of { $label }
label-key-of = Key of { $label }
label-no-key = No key
label-key-place = Ctrl+{ $digit } by place
label-key-digit = Ctrl+{ $digit }
label-used = { $count ->
    [0] not used
   *[other] used { $text } ×
  }
label-delete = Delete { $label }
label-delete-used = Still used: give its annotations another label first
label-pick-hint = Type a label

## Exchange

exchange-send = Send
exchange-receive = Receive
send-no-project = No project is open
send-no-project-text = What leaves is always one project. Open it first.
send-no-permission = You can't export this project
send-no-permission-text = Exporting needs the role exporter in this project. A manager can give it to you; a viewer can never export.
send-step-what = What
send-step-reason = Marking and reason
send-step-plan = Plan
send-step-where = Where
send-step-result = Result
send-text = What leaves is one signed bundle. Annotations leave without imagery unless you ask for it.
send-formats = Annotations as
send-content = Also
send-media = Media
send-media-hint = The image files themselves, bit for bit. Only when the receiver needs them and may have them.
send-history = Former states
send-history-hint = Earlier values of annotations and deleted texts. Without it the record of changes still verifies.
send-marking-hint = The project’s. What leaves carries the same.
send-justification = Why it leaves
send-justification-hint = One or two sentences. It is signed with the bundle and recorded in the audit log.
send-recipients = Seal to
send-recipients-hint = { $count ->
    [0] Recipients' age keys, one a line. Left empty, the bundle is signed but not sealed: anyone who has it can read it.
    [one] Sealed to one recipient: nobody else can open it.
   *[other] Sealed to { $count } recipients: nobody else can open it.
  }
send-plan = Show the plan
send-refused = This export is refused
send-two = The policy of this vault was chosen when it was made. A second person's approval comes with a later version; until then this vault sends nothing.
send-folder = Folder
send-file = File name
send-to = It will be written to
send-asks = Your passphrase is asked for in a window of its own, which says what leaves. Nothing is written before.
send-asking = Waiting for your passphrase in the other window…
send-run = Make the bundle
send-busy = Making the bundle…
send-again = Another export
send-failed = The bundle was not made
plan-items = Items
plan-annotations = Annotations
plan-media = Media
plan-media-yes = included
plan-media-no = not included
plan-history = Former states
plan-history-yes = included
plan-history-no = not included
plan-size = Size of the media
plan-no-losses = Nothing is lost in these formats.
plan-losses = What the formats can't carry
loss-what = What
loss-count = Count
loss-consequence = What happens to it
result-verified = The bundle was written, read back and verified
result-not-verified = The bundle was written, but it could not be verified
result-sealed = The bundle was written and sealed to its recipients
result-sealed-text = Only they can open it, so it was not read back and verified here. They verify it when they have opened it.
result-text = Tell the receiver the fingerprint by another way: on paper, by telephone.
result-path = File
result-size = Size
result-size-text = { $size } ({ $bytes } bytes)
result-bundle = Bundle
result-fingerprint = Fingerprint of the signer
result-sha512 = SHA-512 of tagmanifest-sha512.txt
result-sha512-hint = Of that file inside the bundle, which the signature covers; not of the bundle itself.
result-audit = Audit code
result-how = How anyone verifies it
result-how-text = With tools that every workstation has. NAME and NAMESPACE stand in the bundle's README.txt; the line for the allowed signers is under Security.
receive-step-file = File
receive-step-verify = Verify
receive-step-receive = Receive
receive-text = A bundle is verified before anything is taken from it. Receiving makes a new project with its own keys.
receive-path = Bundle
receive-signers = File of allowed signers
receive-signers-hint = Full path, if you have one. Otherwise you compare the fingerprint yourself.
receive-verify = Verify
receive-run = Receive
receive-open = Open the project
receive-other = Another bundle
receive-failed = The bundle was not received
receive-whole = The bundle is whole
receive-whole-text = Every file is as it was signed, and what it shows is what the signed changes say.
receive-broken = Do not use this bundle
receive-broken-text = Nothing was taken from it. Ask the sender for a new copy.
receive-project = Project
receive-created = Made
receive-changes = Changes
receive-signer = Signed by
receive-approver = Approved by
receive-recipients = Made for
receive-untraced = This is one of several volumes: its labels and media can't be compared with the signed changes, and it can't be received.
receive-unapproved = Its policy asks for two people, and no approver on your list signed it. Give a file of allowed signers with the approver's line.
receive-for-others = This bundle was made for others and not for you: somebody has passed it on.
receive-for-others-accept = Receive it all the same. The audit log says so.
receive-trusted = This signer is trusted in your vault.
receive-unknown = This signer is not known here
receive-unknown-text = The signature is right, but whose key is it? Ask the sender for the fingerprint by another way, not from the same stick.
receive-confirm = Fingerprint that the sender told you
receive-confirm-hint = Paste it or type it from paper: all 43 characters, capital and small letters as they stand, with or without SHA256: before them.
receive-agreeing = { $count } of { $of } characters agree so far.
receive-agrees = The whole fingerprint agrees.
receive-differs = { $at ->
    [44] There are more than 43 characters.
   *[other] Character { $at } after SHA256: differs.
  } If this is what the sender told you, it is not the fingerprint of the bundle: do not receive it.
receive-name = Name of the new project
receive-name-hint = Leave it to keep the sender's.
receive-done = “{ $project }” was received
receive-done-text = { $items ->
    [one] One item with its annotations and the record of its changes.
   *[other] { $text } items with their annotations and the record of their changes.
  }
no-permission-receive = Receiving needs the role officer. An officer can give it to you.

## Manual

manual-contents = Contents
manual-search = Search the manual
manual-none = No page has all these words. Try fewer, or only the beginning of one.
manual-hits = { $count ->
    [0] Nothing found
    [one] 1 place
   *[other] { $count } places
  }

## Security

posture-title = Posture of this installation
posture-of = Vaultmark { $version }, seen { $time }
posture-vault = Vault { $path }
posture-accreditor = Name and signature of the accreditor
posture-date = Date
security-checks = Seen just now
check-state-ok = : in order
check-state-warning = : needs attention
check-state-unknown = : not known
security-probes = Tried just now
security-probes-text = What must not work was tried again when this page opened.
security-probe-what = Attempt
security-probe-expected = Expected
security-probe-seen = Seen
security-signers = Your line for allowed signers
security-signers-text = Receivers put it into their file of allowed signers. Then stock ssh-keygen verifies what you sign.
security-fingerprint = Fingerprint
security-algorithms = What is used
check-run = Check the vault
check-result = { $findings ->
    [0] Everything stored is as it was written
    [one] One thing is damaged
   *[other] { $findings } things are damaged
  }
check-figures = { $blobs } files and { $changes } changes were read and authenticated.
check-where = Where
check-problem = What is wrong
check-remedy = What to do
no-permission-check = Checking needs the role officer or manager.
about = About
about-program = Program
about-version = Vaultmark { $version }
about-licence = Licence
about-licence-text = Apache License 2.0
about-fonts = Fonts
about-fonts-text = Inter and IBM Plex Mono, SIL Open Font License 1.1. Icons: Lucide, ISC.

## Settings

settings-kept = These wishes are kept inside the open project, encrypted. Nothing about you is written outside the vault.
settings-not-kept = No project is open: what you choose here lasts until the vault is locked.
settings-look = Look
settings-theme = Theme
theme-system = As the system
theme-dark = Dark
theme-light = Light
theme-contrast = High contrast
settings-scale = Scale
settings-scale-hint = Everything grows together.
settings-keys = Keys
settings-keymap = Preset
settings-keys-reset = Back to the preset
settings-conflicts = One key, two commands
settings-conflict = { $chord }: { $commands }. The first one wins.
settings-key-set = Change
settings-key-press = Press keys…
settings-key-clear = Clear
settings-key-press-label = Press keys… for { $command }
settings-key-set-label = Change the key of { $command }
settings-key-clear-label = Clear the key of { $command }

## Palette and list of keys

palette = Command palette
palette-hint = A command, a label, an item, a page of the manual
palette-none = Nothing found.
palette-item = Item in { $detail }
palette-manual = Manual: { $detail }
keys-title = Keys ({ $preset })
keys-search = Find a command or a key
keys-none = no key

## Groups of commands

group-window = Window
group-navigation = Items
group-tools = Tools
group-drawing = Drawing
group-editing = Editing
group-objects = Objects
group-labels = Labels
group-view = View
group-application = Program

## Commands

command-go = Go to { $place }
command-lock = Lock the vault
command-print = Print this page
command-label = Label: { $label }
command-item-previous = Previous item
command-item-next = Next item
command-item-back10 = Ten items back
command-item-forward10 = Ten items on
command-item-done = Mark the item done
command-item-flag = Flag the item
command-label-manage = Labels of the project
command-label-pick = Choose a label by typing
command-panel-focus = To the side panel and back
command-panel-side = Show or hide the side panel
command-panel-strip = Show or hide the filmstrip
command-note-edit = Edit the note
command-help-keys = List of keys
command-app-settings = Settings
command-app-fullscreen = Full screen
command-app-palette = Command palette
command-edit-undo = Undo
command-edit-redo = Redo
command-edit-save = Save (everything is saved already)
command-edit-cancel = Cancel
command-edit-delete = Delete
command-edit-copy = Copy
command-edit-paste = Paste
command-edit-duplicate = Duplicate
command-edit-selectAll = Select all
command-tool-select = Select
command-tool-box = Box
command-tool-polygon = Polygon
command-tool-polyline = Line
command-tool-point = Point
command-tool-pan = Move the view
command-draw-toggle = Draw with the last tool, or finish
command-draw-again = Draw the selected shape again
command-draw-mode = Switch between drawing and editing
command-draw-finish = Finish the shape
command-draw-place = Set a point at the pointer
command-draw-removePoint = Remove the last point
command-vertex-insert = Insert a vertex
command-vertex-delete = Delete the vertex
command-nudge-left = Move left
command-nudge-right = Move right
command-nudge-up = Move up
command-nudge-down = Move down
command-nudge-left-far = Move far left
command-nudge-right-far = Move far right
command-nudge-up-far = Move far up
command-nudge-down-far = Move far down
command-object-next = Next object
command-object-previous = Previous object
command-handle-next = Next handle
command-handle-previous = Previous handle
command-object-occluded = Occluded
command-object-truncated = Truncated
command-object-flag = Flag
command-object-lock = Lock
command-object-hide = Hide
command-order-raise = Bring forward
command-order-lower = Send back
command-label-0 = Label with key 0
command-label-1 = Label with key 1
command-label-2 = Label with key 2
command-label-3 = Label with key 3
command-label-4 = Label with key 4
command-label-5 = Label with key 5
command-label-6 = Label with key 6
command-label-7 = Label with key 7
command-label-8 = Label with key 8
command-label-9 = Label with key 9
command-view-fit = Fit
command-view-actual = 100 %
command-view-zoomIn = Zoom in
command-view-zoomOut = Zoom out
command-view-crosshair = Crosshair
