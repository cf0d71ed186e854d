//! Policy: who may do what. Asked in one place, in Rust, once per operation.
//!
//! [`decide`] is pure and takes the roles that signed statements grant; [`crate::Session`] is the
//! only one that calls it, records what it refused, and hands out what was asked for.

mod operation;

use vaultmark_model::{Marking, Permission, Role};

pub use operation::{Operation, Scope};

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// Stop: no role that the person holds there permits it.
    Denied {
        /// What is missing.
        missing: Permission,
    },
}

/// Whether someone with these roles may do this. Vault roles count for operations on the vault,
/// project roles for operations in a project: an officer reads no project by being officer.
#[must_use]
pub fn decide(operation: Operation, vault_roles: &[Role], project_roles: &[Role]) -> Decision {
    let roles = match operation.scope() {
        Scope::Vault => vault_roles,
        Scope::Project => project_roles,
    };
    let permission = operation.permission();
    if roles.iter().any(|role| role.permissions().contains(&permission)) {
        Decision::Allowed
    } else {
        Decision::Denied { missing: permission }
    }
}

/// Whether content of a marking may lie in a vault of a marking. Texts of a site's own can't be
/// ordered, so a vault holds what is marked as it is itself, and what is marked `UNCLASSIFIED`,
/// which is below everything. A vocabulary that orders more may allow more.
#[must_use]
pub fn may_hold(vault: &Marking, content: &Marking) -> bool {
    content == vault || content.text() == "UNCLASSIFIED"
}

/// The roles that would permit it, for "who can grant it".
#[must_use]
pub fn roles_with(permission: Permission) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| role.permissions().contains(&permission)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_officer_reads_no_project_and_a_viewer_never_exports() {
        let officer = [Role::Officer, Role::Auditor];
        assert!(matches!(
            decide(Operation::ItemsRead, &officer, &[]),
            Decision::Denied { missing: Permission::ProjectRead }
        ));
        for role in [Role::Viewer, Role::Annotator, Role::Reviewer, Role::Manager] {
            assert!(matches!(
                decide(Operation::Export, &officer, &[role]),
                Decision::Denied { .. }
            ));
        }
        assert_eq!(decide(Operation::Export, &[], &[Role::Exporter]), Decision::Allowed);
    }

    #[test]
    fn a_vault_holds_its_own_marking_and_what_is_below_everything() {
        let holds = |vault: &str, content: &str| {
            may_hold(&Marking::new(vault).unwrap(), &Marking::new(content).unwrap())
        };
        assert!(holds("SECRET//NOFORN", "SECRET//NOFORN"));
        assert!(holds("SECRET//NOFORN", "UNCLASSIFIED"));
        for other in ["TOP SECRET//SCI", "SECRET", "CONFIDENTIAL", "Unclassified", "site word"] {
            assert!(!holds("SECRET//NOFORN", other), "{other}");
        }
        assert!(!holds("UNCLASSIFIED", "CUI"));
    }

    #[test]
    fn every_operation_is_permitted_to_some_role_of_its_scope() {
        for operation in Operation::ALL {
            let vault = operation.scope() == Scope::Vault;
            let some = roles_with(operation.permission())
                .into_iter()
                .any(|role| role.is_vault_role() == vault);
            assert!(some, "{}", operation.word());
        }
    }
}
