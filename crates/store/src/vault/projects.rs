//! The projects of a vault: making them, receiving them, opening them with their keys.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use vaultmark_model::canonical::Canonical as _;
use vaultmark_model::change::Heads;
use vaultmark_model::membership::{ListHeads, Saying, Statement};
use vaultmark_model::{Marking, ProjectId, PublicKey, ReplicaId, Role};

use super::membership::{Membership, Scope};
use super::open::{OpenProject, Vault};
use super::pins::ProjectPin;
use super::unfinished;
use super::wrap_record::{ProjectKey, WrapRecord};
use crate::audit::{Event, Outcome};
use crate::project::{Author, Project, ProjectIdentity, ReceivedFrom};
use crate::{StoreError, atomic};

/// The epoch of a project's first key.
const FIRST_EPOCH: u32 = 1;
/// With what changes are made, as each of them says.
const PROGRAM: &str = concat!("vaultmark ", env!("CARGO_PKG_VERSION"));

impl Vault {
    /// The projects to which this person has a key, by id.
    ///
    /// # Errors
    /// Where the directory can't be read.
    pub fn project_ids(&self) -> Result<Vec<ProjectId>, StoreError> {
        self.directory().projects_of(&self.recipient().to_string())
    }

    /// Makes a project. Who makes it becomes manager, annotator and exporter of it; its key is
    /// wrapped for that person and for the recovery sheet, and for nobody else.
    ///
    /// # Errors
    /// [`StoreError::Model`] for the name, and what the disk says.
    pub fn create_project(&self, name: &str, marking: Marking) -> Result<Arc<Project>, StoreError> {
        let id = ProjectId::from_bytes(self.parts.ambient.random()?);
        self.found_project(id, name, marking, None)
    }

    /// Makes a project that is received from elsewhere: the id is the one it has there; key,
    /// membership and replica are this vault's own. It says from its first moment on where it comes
    /// from, so that a reception that was cut off is told from a project that was made here.
    ///
    /// # Errors
    /// [`StoreError::ProjectExists`], and as [`Vault::create_project`].
    pub fn adopt_project(
        &self,
        id: ProjectId,
        name: &str,
        marking: Marking,
        from: &ReceivedFrom,
    ) -> Result<Arc<Project>, StoreError> {
        self.found_project(id, name, marking, Some(from))
    }

    /// Opens a project: unwraps its newest key, verifies its membership against what this account
    /// remembers, and checks that its changes go on from the last audited heads. A project that is
    /// open already is given again.
    ///
    /// # Errors
    /// [`StoreError::NoKey`], [`StoreError::NotFound`], [`StoreError::RolledBack`],
    /// [`StoreError::Membership`], [`StoreError::Damaged`].
    pub fn open_project(&self, id: ProjectId) -> Result<Arc<Project>, StoreError> {
        let mut open = self.open_projects();
        if let Some(one) = open.get(&id) {
            return Ok(Arc::clone(&one.project));
        }
        let result = self.open_closed(id);
        let event = Event::new("project.open").project(id);
        match result {
            Ok((project, membership)) => {
                self.parts.audit.append(event)?;
                let project = Arc::new(project);
                open.insert(id, OpenProject { project: Arc::clone(&project), membership });
                Ok(project)
            }
            Err(error) => {
                let event = event.outcome(Outcome::Refused).detail("why", &error);
                self.parts.audit.append(event)?;
                Err(error)
            }
        }
    }

    /// The roles that this person holds in an open project.
    #[must_use]
    pub fn project_roles(&self, project: &Project) -> Vec<Role> {
        let open = self.open_projects();
        let membership = open.get(&project.id()).map(|one| &one.membership);
        membership.map(|list| list.roles(&self.person().id)).unwrap_or_default()
    }

    /// The names and signing keys of everyone who was ever a member of an open project, for telling
    /// who made a change.
    #[must_use]
    pub fn project_authors(&self, project: &Project) -> Vec<(PublicKey, String)> {
        let open = self.open_projects();
        open.get(&project.id()).map(|one| one.membership.names()).unwrap_or_default()
    }

    /// Makes what was received into a project part of it: its chains up to these heads, and the lists
    /// of the vaults that they come from. It is said in the project's own list and signed, so that
    /// [`Vault::check_project`] can tell it from what anybody put there. Saying the same again says
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError::NoRole`] for who is no manager of the project, and what the disk says.
    pub fn adopt(
        &self,
        project: &Project,
        lists: ListHeads,
        heads: Heads,
    ) -> Result<(), StoreError> {
        let mut open = self.open_projects();
        let not_open = || StoreError::not_found("open project", project.id());
        let one = open.get_mut(&project.id()).ok_or_else(not_open)?;
        if !one.membership.roles(&self.person().id).contains(&Role::Manager) {
            return Err(StoreError::NoRole { role: Role::Manager.word() });
        }
        let saying = Saying::Adopt { lists, heads };
        let mut statements = project.statements()?;
        let last = statements.last().map(|one| Statement::from_bytes(&one.bytes)).transpose()?;
        if last.is_some_and(|last| last.saying == saying) {
            return Ok(());
        }
        let (scope, office) = (self.scope(project.id()), &self.officeholder);
        let (list, epoch) = (Some(&one.membership), one.membership.epoch());
        let ambient = &self.parts.ambient;
        let statement =
            Membership::state(scope, list, epoch, office.person, saying, &office.signing, ambient)?;
        let seq = one.membership.len();
        statements.push(statement.clone());
        let membership = Membership::verify(scope, &statements, &|key| self.is_officer(key))?;
        project.put_statement(seq, &statement)?;
        one.membership = membership;
        let mut slot = self.slot();
        if let Some(pin) = slot.pins.projects.get_mut(&project.id()) {
            pin.membership = one.membership.pin();
        }
        self.remember(&mut slot)
    }

    /// Takes back a project that was made in this session and did not become whole, such as a
    /// bundle that turned out not to verify while it was received. Nothing of it stays.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where it is older than this session or still in use.
    pub fn discard_project(&self, id: ProjectId) -> Result<(), StoreError> {
        const WHAT: &str = "discarding a project";
        if !self.fresh().contains(&id) {
            return Err(StoreError::refused(WHAT, "it was not made in this session"));
        }
        let mut open = self.open_projects();
        if open.get(&id).is_some_and(|one| Arc::strong_count(&one.project) > 1) {
            return Err(StoreError::refused(WHAT, "it is still open; close it first"));
        }
        self.parts.audit.append(Event::new("project.discard").project(id))?;
        open.remove(&id);
        let mut slot = self.slot();
        self.directory().remove_project(id)?;
        slot.pins.projects.remove(&id);
        self.remember(&mut slot)?;
        self.fresh().remove(&id);
        let folder = self.parts.layout.project(id);
        fs::remove_dir_all(&folder).map_err(|source| StoreError::io("removing", &folder, source))
    }

    fn found_project(
        &self,
        id: ProjectId,
        name: &str,
        marking: Marking,
        from: Option<&ReceivedFrom>,
    ) -> Result<Arc<Project>, StoreError> {
        let action = if from.is_some() { "project.receive" } else { "project.create" };
        vaultmark_model::text::check_name("project name", name)?;
        let mut open = self.open_projects();
        let folder = self.parts.layout.project(id);
        if self.directory().projects()?.contains(&id) || folder.exists() {
            return Err(StoreError::ProjectExists { project: id });
        }
        let event = Event::new(action).project(id).detail("marking", marking.text());
        self.parts.audit.append(event)?;
        let made = self.make(id, name, marking, from);
        let (project, membership) = match made {
            Ok(made) => made,
            Err(error) => {
                // Nobody has seen it yet. What can't be removed, `check` will name.
                let _ = fs::remove_dir_all(&folder);
                let event = Event::new(action).project(id).outcome(Outcome::Failed);
                self.parts.audit.append(event.detail("why", &error))?;
                return Err(error);
            }
        };
        self.fresh().insert(id);
        let project = Arc::new(project);
        open.insert(id, OpenProject { project: Arc::clone(&project), membership });
        Ok(project)
    }

    /// Makes the folder and its database first and the keys' records after it; what a crash between
    /// leaves carries a marker and is settled at the next sign-in.
    fn make(
        &self,
        id: ProjectId,
        name: &str,
        marking: Marking,
        from: Option<&ReceivedFrom>,
    ) -> Result<(Project, Membership), StoreError> {
        let (ambient, office) = (&self.parts.ambient, &self.officeholder);
        let key = ProjectKey::generate(id, FIRST_EPOCH, ambient.entropy.as_ref())?;
        let saying = Saying::Grant {
            name: self.person().name.clone(),
            signing: office.signing.public(),
            recipient: office.identity.recipient().to_string(),
            roles: vec![Role::Annotator, Role::Manager, Role::Exporter],
        };
        let scope = self.scope(id);
        let person = office.person;
        let genesis =
            Membership::state(scope, None, FIRST_EPOCH, person, saying, &office.signing, ambient)?;
        let statements = std::slice::from_ref(&genesis);
        let membership = Membership::verify(scope, statements, &|key| self.is_officer(key))?;
        let identity = ProjectIdentity {
            id,
            replica: ReplicaId::from_bytes(ambient.random()?),
            name: name.trim().to_owned(),
            marking,
            epoch: FIRST_EPOCH,
        };
        let folder = self.parts.layout.project(id);
        unfinished::begin(&folder, self.id(), id, &office.signing)?;
        let project =
            Project::create(&folder, identity, key.keys()?, self.author(), Arc::clone(ambient))?;
        if let Some(from) = from {
            project.set_received_from(from)?;
        }
        project.put_statement(0, &genesis)?;
        atomic::sync_folder(&self.parts.layout.projects())
            .map_err(|source| StoreError::io("making", &folder, source))?;

        let mut wraps = Vec::new();
        for recipient in [office.identity.recipient(), self.parts.header.recovery.parse()?] {
            wraps.push(WrapRecord::seal(&key, &recipient, &office.signing)?);
        }
        let mut slot = self.slot();
        self.directory().add_project(&wraps)?;
        let pin = ProjectPin {
            membership: membership.pin(),
            epoch: FIRST_EPOCH,
            fingerprint: key.fingerprint,
            heads: Heads::new(),
        };
        slot.pins.projects.insert(id, pin);
        self.remember(&mut slot)?;
        unfinished::end(&folder)?;
        Ok((project, membership))
    }

    fn open_closed(&self, id: ProjectId) -> Result<(Project, Membership), StoreError> {
        let pin = self.slot().pins.projects.get(&id).cloned();
        let recipient = self.recipient().to_string();
        let record = self.newest_record(id, &recipient, pin.as_ref())?;
        let key = record.open(&self.officeholder.identity)?;
        let folder = self.parts.layout.project(id);
        let ambient = Arc::clone(&self.parts.ambient);
        let project = Project::open(&folder, &id, key.keys()?, self.author(), ambient)?;
        let statements = project.statements()?;
        let membership =
            Membership::verify(self.scope(id), &statements, &|key| self.is_officer(key))?;
        if let Some(pin) = &pin {
            membership.check_pin(&pin.membership)?;
        }
        if !membership.ever_held_authority(&record.author) && !self.is_officer(&record.author) {
            return Err(StoreError::damaged(
                format!("wrapped key of project {id}"),
                "who wrapped it had no right to",
            ));
        }
        if membership.epoch() > record.epoch {
            return Err(StoreError::RolledBack { what: format!("the key of project {id}") });
        }
        if membership.roles(&self.person().id).is_empty() {
            return Err(StoreError::NoKey { project: id });
        }
        let heads = pin.map(|pin| pin.heads).unwrap_or_default();
        if !project.descends_from(&heads)? {
            return Err(StoreError::RolledBack { what: format!("the database of project {id}") });
        }
        // Only now: a database that was put back would take newer media for leftovers.
        project.sweep()?;
        let pin = ProjectPin {
            membership: membership.pin(),
            epoch: record.epoch,
            fingerprint: key.fingerprint,
            heads: project.heads()?,
        };
        self.slot().pins.projects.insert(id, pin);
        Ok((project, membership))
    }

    /// The newest wrap record for this person, checked against what the account remembers.
    pub(super) fn newest_record(
        &self,
        id: ProjectId,
        recipient: &str,
        pin: Option<&ProjectPin>,
    ) -> Result<WrapRecord, StoreError> {
        let rolled_back = || StoreError::RolledBack { what: format!("the key of project {id}") };
        let directory = self.directory();
        let Some(signed) = directory.newest_wrap(id, recipient)? else {
            return Err(match pin {
                Some(_) => rolled_back(),
                None if directory.projects()?.contains(&id) => StoreError::NoKey { project: id },
                None => StoreError::not_found("project", id),
            });
        };
        let record = WrapRecord::verify(&signed)?;
        let what = || format!("wrapped key of project {id}");
        if record.project != id || record.recipient != recipient {
            return Err(StoreError::damaged(what(), "it is another project's or person's"));
        }
        match pin {
            Some(pin) if record.epoch < pin.epoch => Err(rolled_back()),
            Some(pin) if record.epoch == pin.epoch && record.fingerprint != pin.fingerprint => {
                Err(StoreError::damaged(what(), "it is another key than this account remembers"))
            }
            _ => Ok(record),
        }
    }

    fn author(&self) -> Author {
        Author {
            signer: Arc::clone(&self.officeholder.signing),
            person: self.officeholder.person,
            program: PROGRAM.into(),
        }
    }

    fn scope(&self, id: ProjectId) -> Scope {
        Scope { vault: self.id(), project: Some(id) }
    }

    fn is_officer(&self, key: &PublicKey) -> bool {
        self.membership.holds(key, Role::Officer)
    }

    fn fresh(&self) -> std::sync::MutexGuard<'_, BTreeSet<ProjectId>> {
        self.fresh.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
