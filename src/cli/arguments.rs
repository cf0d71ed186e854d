//! The command line's words, from which help, completions, man pages and the manual's reference
//! are all made.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vaultmark_model::policy::SideDoors;

/// Turns imagery into trusted, signed training data on a computer that has no network.
#[derive(Debug, Parser)]
#[command(
    name = "vaultmark",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 1 refused or check failed, 2 usage, 3 locked or wrong credential, 4 done in part.\nThe whole manual: `vaultmark manual`."
)]
pub struct Arguments {
    /// Common to all commands.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The vault's folder
    #[arg(long, value_name = "DIR", env = "VAULTMARK_VAULT", global = true)]
    pub vault: Option<PathBuf>,
    /// The name to sign in with
    #[arg(
        long = "as",
        id = "sign-in-name",
        value_name = "NAME",
        env = "VAULTMARK_AS",
        global = true
    )]
    pub login: Option<String>,
    /// Read the passphrase from the first line of this file, or of standard input for `-`; without it, it is asked for
    #[arg(long, value_name = "FILE", global = true)]
    pub passphrase_file: Option<PathBuf>,
    /// The project, by name or identifier; needed where there is more than one
    #[arg(long = "project", id = "in-project", value_name = "PROJECT", global = true)]
    pub project: Option<String>,
    /// Print one JSON document on standard output instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Show no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Tell each step and how long it took on standard error; never names, paths or content
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a vault with its first officer, a recovery sheet and a policy
    Init(Init),
    /// Make, list and show projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Bring images into a project, from files and folders, by content
    Import(Import),
    /// List items
    #[command(subcommand)]
    Items(ItemsCommand),
    /// List and set labels
    #[command(subcommand)]
    Labels(LabelsCommand),
    /// Bring annotation files in and out
    #[command(subcommand)]
    Annotations(AnnotationsCommand),
    /// Create, verify and receive signed bundles
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Re-authenticate everything stored and name what is damaged
    Check,
    /// Show how this installation protects itself: seal, walls, memory, disk, program, and the vault
    Posture(Posture),
    /// Read or search the manual
    Manual(Manual),
    /// Print completions for a shell
    Completions(Completions),
    /// Print a man page: of the program, or of one command
    Man(Man),
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The first officer's name, used to sign in
    #[arg(long, value_name = "NAME")]
    pub officer: String,
    /// The marking of what the vault holds; beside it only what is marked `UNCLASSIFIED`
    #[arg(long, value_name = "MARKING", default_value = "UNCLASSIFIED")]
    pub marking: String,
    /// How many people an export takes; stated in every bundle. This version can't take a second
    /// person's approval yet: with `two` nothing leaves the vault
    #[arg(long, value_name = "POLICY", default_value = "two")]
    pub export_policy: ExportPolicyWord,
    /// Open the vault also where the network can't be sealed off or the decoder not be walled in
    /// fully; what is missing is shown and recorded each time
    #[arg(long, value_name = "CONTAINMENT", default_value = "full")]
    pub containment: ContainmentWord,
    /// Seconds after which text that was copied in the window is taken off the clipboard again; 0:
    /// nothing can be copied
    #[arg(long, value_name = "SECONDS", default_value_t = SideDoors::COPY_SECONDS,
          value_parser = clap::value_parser!(u32).range(0..=i64::from(SideDoors::MOST_COPY_SECONDS)))]
    pub copy_seconds: u32,
    /// Whether text may be dragged from the window into other programs
    #[arg(long, value_name = "DOOR", default_value = "shut")]
    pub drag_out: DoorWord,
    /// Whether the window may print the manual, the posture and a recovery sheet; the computer's print
    /// service keeps copies of what it prints
    #[arg(long, value_name = "DOOR", default_value = "shut")]
    pub print: DoorWord,
}

/// Whether something may be handed to other programs of the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoorWord {
    /// It may not.
    Shut,
    /// It may; it is recorded.
    Open,
}

/// What must stand before the vault is opened.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ContainmentWord {
    /// Every wall.
    Full,
    /// What the system offers.
    Partial,
}

/// How many people an export takes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ExportPolicyWord {
    /// The exporter alone.
    Single,
    /// A second person approves.
    Two,
}

/// `project`
#[derive(Debug, Subcommand)]
pub enum ProjectCommand {
    /// Make a project; its maker becomes manager, annotator and exporter
    New {
        /// The project's name
        name: String,
        /// The project's marking; the vault's where none is given
        #[arg(long, value_name = "MARKING")]
        marking: Option<String>,
    },
    /// List the projects that you hold a key for
    List,
    /// Show a project: counts, labels, heads of its chains
    Show {
        /// Name or identifier
        name: Option<String>,
    },
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// Files and folders; folders are walked, symbolic links are not followed
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only show what would be done
    #[arg(long)]
    pub plan: bool,
}

/// `items`
#[derive(Debug, Subcommand)]
pub enum ItemsCommand {
    /// List items with size, format, state and number of annotations
    List {
        /// Only items whose path holds this text
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// Only items with annotations of this label
        #[arg(long, value_name = "LABEL")]
        label: Option<String>,
    },
}

/// `labels`
#[derive(Debug, Subcommand)]
pub enum LabelsCommand {
    /// List labels with colour, key and number of annotations
    List,
    /// Make a label, or change the colour or key of the one with that name
    Set {
        /// The label's name
        name: String,
        /// Its colour
        #[arg(long, value_name = "#RRGGBB")]
        color: Option<String>,
        /// The digit that selects it
        #[arg(long, value_name = "0-9")]
        key: Option<u8>,
    },
}

/// `annotations`
#[derive(Debug, Subcommand)]
pub enum AnnotationsCommand {
    /// Read an annotation file, or a folder of them
    Import {
        /// The format: coco, voc, native
        #[arg(long, value_name = "FORMAT")]
        format: String,
        /// Refuse the whole file for one bad record
        #[arg(long)]
        strict: bool,
        /// Pascal VOC only: where its pixel count begins, 0 or 1
        #[arg(long, value_name = "0|1")]
        voc_offset: Option<u8>,
        /// The file or folder
        file: PathBuf,
    },
    /// Write annotations to a bare file; it passes the same door as a bundle
    Export {
        /// The format: coco, native
        #[arg(long, value_name = "FORMAT")]
        format: String,
        /// Marking and justification
        #[command(flatten)]
        reason: Reason,
        /// The file to write
        out: PathBuf,
    },
}

/// Why something leaves.
#[derive(Debug, Args)]
pub struct Reason {
    /// The marking of what leaves, which must be the project's; not needed
    #[arg(long, value_name = "MARKING")]
    pub marking: Option<String>,
    /// Why it leaves; recorded in the audit log and in the bundle
    #[arg(long, value_name = "TEXT")]
    pub justification: Option<String>,
}

/// `bundle`
#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Create a signed bundle: annotations only, unless media are asked for
    Create {
        /// The file to write, `.bag.zip`, or `.bag.zip.age` when sealed
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Carry the media too
        #[arg(long)]
        media: bool,
        /// Carry the payload of superseded and deleted revisions too
        #[arg(long)]
        history: bool,
        /// Formats beside Vaultmark JSON
        #[arg(long = "format", value_name = "FORMAT", default_value = "coco")]
        formats: Vec<String>,
        /// Seal to this recipient, `age1…`; may be given several times
        #[arg(long = "seal-to", value_name = "RECIPIENT")]
        seal_to: Vec<String>,
        /// Only show what would leave and what the formats can't hold
        #[arg(long)]
        plan: bool,
        /// Marking and justification
        #[command(flatten)]
        reason: Reason,
    },
    /// Verify a bundle; needs no vault
    Verify {
        /// The bundle
        file: PathBuf,
        /// Trusted signers, in the format of ssh-keygen's allowed signers
        #[arg(long, value_name = "FILE")]
        signers: Option<PathBuf>,
    },
    /// Receive a bundle into the vault as a new project
    Receive {
        /// The bundle
        file: PathBuf,
        /// Trusted signers, in the format of ssh-keygen's allowed signers
        #[arg(long, value_name = "FILE")]
        signers: Option<PathBuf>,
        /// Accept this creator, whose fingerprint you compared by another way
        #[arg(long, value_name = "SHA256:…")]
        accept: Option<String>,
        /// Take a bundle that was made for other recipients; recorded in the audit log
        #[arg(long)]
        accept_other_recipient: bool,
        /// The new project's name; the sender's where none is given
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Print your own line for a receiver's list of trusted signers
    Signer,
}

/// `posture`
#[derive(Debug, Args)]
pub struct Posture {
    /// Write one page of plain text for a printer instead, with room for the accreditor's signature
    #[arg(long)]
    pub print: bool,
}

/// `manual`
#[derive(Debug, Args)]
pub struct Manual {
    /// A page; without one, the list of pages
    pub topic: Option<String>,
    /// Sections that hold all of these words
    #[arg(long, value_name = "WORDS", num_args = 1.., conflicts_with = "topic")]
    pub search: Vec<String>,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub struct Man {
    /// A command such as `bundle create`; the program itself where none is given
    pub command: Vec<String>,
}
