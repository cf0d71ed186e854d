//! Plans of imports, between being looked at and being carried out.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vaultmark::AppError;
use vaultmark::journeys::import::Plan;
use vaultmark::model::ProjectId;
use vaultmark::store::Ambient;

/// The last plan; an older one is forgotten, and all are when the vault locks.
#[derive(Default)]
pub struct Plans(Mutex<Option<Kept>>);

struct Kept {
    token: String,
    project: ProjectId,
    plan: Plan,
}

impl Plans {
    /// Keeps a plan under a token that can't be guessed.
    ///
    /// # Errors
    /// Where the random source fails.
    pub fn keep(
        &self,
        ambient: &Ambient,
        project: ProjectId,
        plan: Plan,
    ) -> Result<String, AppError> {
        let token = vaultmark::model::id::to_hex(&ambient.random::<16>()?);
        *self.kept() = Some(Kept { token: token.clone(), project, plan });
        Ok(token)
    }

    /// Looks at a plan.
    ///
    /// # Errors
    /// [`AppError::StalePlan`] where it is no longer kept, or is another project's.
    pub fn with<T>(
        &self,
        token: &str,
        project: ProjectId,
        look: impl FnOnce(&Plan) -> T,
    ) -> Result<T, AppError> {
        let kept = self.kept();
        kept.as_ref()
            .filter(|kept| kept.is(token, project))
            .map(|kept| look(&kept.plan))
            .ok_or(AppError::StalePlan)
    }

    /// Takes a plan out, to be carried out once.
    ///
    /// # Errors
    /// As [`Self::with`].
    pub fn take(&self, token: &str, project: ProjectId) -> Result<Plan, AppError> {
        let taken = self.kept().take_if(|kept| kept.is(token, project));
        taken.map(|kept| kept.plan).ok_or(AppError::StalePlan)
    }

    /// Forgets everything.
    pub fn forget(&self) {
        *self.kept() = None;
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is(&self, token: &str, project: ProjectId) -> bool {
        self.token == token && self.project == project
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_carried_out_once_in_its_own_project() {
        let (plans, ambient) = (Plans::default(), vaultmark::ambient::system());
        let (own, other) = (ProjectId::from_bytes([1; 16]), ProjectId::from_bytes([2; 16]));
        let token = plans.keep(&ambient, own, Plan::default()).unwrap();
        assert!(plans.take(&token, other).is_err() && plans.take("", own).is_err());
        assert!(plans.with(&token, own, |plan| plan.new.is_empty()).unwrap());
        assert!(plans.take(&token, own).is_ok());
        assert!(matches!(plans.take(&token, own), Err(AppError::StalePlan)));
        let token = plans.keep(&ambient, own, Plan::default()).unwrap();
        plans.forget();
        assert!(plans.take(&token, own).is_err());
    }
}
