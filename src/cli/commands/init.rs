//! `init`: a vault, its first officer, a recovery sheet, a policy.

use std::time::{Duration, Instant};

use serde_json::json;
use vaultmark_crypto::KdfParameters;
use vaultmark_model::Marking;
use vaultmark_model::policy::{Containment, ExportPolicy, Policy, SideDoors};
use vaultmark_store::vault::NewVault;

use crate::cli::Ending;
use crate::cli::arguments::{Common, ContainmentWord, DoorWord, ExportPolicyWord, Init};
use crate::cli::output::Output;
use crate::cli::{secrets, sign_in};
use crate::{AppError, Session, ambient};

/// Makes the vault and prints the recovery sheet once.
pub fn run(common: &Common, init: &Init, output: &mut Output) -> Result<Ending, AppError> {
    let folder = sign_in::folder(common)?;
    let passphrase = secrets::new_passphrase(common)?;
    let export = match init.export_policy {
        ExportPolicyWord::Single => ExportPolicy::Single,
        ExportPolicyWord::Two => ExportPolicy::Two,
    };
    let mut policy = Policy::new(Marking::new(&init.marking)?, export);
    policy.containment = match init.containment {
        ContainmentWord::Full => Containment::Full,
        ContainmentWord::Partial => Containment::Partial,
    };
    policy.side_doors = SideDoors {
        copy_seconds: init.copy_seconds,
        drag_out: init.drag_out == DoorWord::Open,
        print: init.print == DoorWord::Open,
    };
    let start = Instant::now();
    let kdf = KdfParameters::calibrated(Duration::from_secs(1), &|| start.elapsed());
    let new = NewVault { officer: init.officer.clone(), passphrase, policy, kdf };
    let (session, sheet) = Session::create(folder, new, ambient::system(), sign_in::decoder()?)?;
    let value = json!({
        "vault": folder, "officer": init.officer, "marking": init.marking,
        "export_policy": export.word(),
        "recovery_sheet": sheet.expose(), "recovery_recipient": sheet.recipient,
    });
    output.result(&value, || {
        format!(
            "Made the vault {}\n  officer        {}\n  marking        {}\n  export policy  {} person\n\n\
             RECOVERY SHEET: write it down or print it now; it is shown once and stored nowhere.\n\
             Whoever holds it can read every project of this vault. Keep it in a safe.\n\n  {}\n  recipient {}\n",
            folder.display(), init.officer, init.marking, export.word(), sheet.expose(), sheet.recipient
        )
    });
    // The sheet exists nowhere else, and nobody can have used the vault yet: it is still ours.
    if let Err(source) = output.taken() {
        session.unmake()?;
        return Err(AppError::SheetNotWritten { path: folder.to_owned(), source });
    }
    drop(session.lock()?);
    Ok(Ending::Done)
}
