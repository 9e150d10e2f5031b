//! Disputes, which the buyer's bank opens and decides.

use serde_json::Map;

use super::errors::ApiError;
use super::state::{Account, Dispute};

impl Account {
    /// Opens a dispute about the charge of an intent. Returns its ID.
    pub fn open_dispute(&mut self, intent: &str, amount: i64) -> String {
        let (id, created) = (self.new_id("dp"), self.now());
        let charge = self.intent(intent).unwrap().latest_charge.clone().unwrap();
        let record = self.charge_mut(&charge);
        assert!(record.is_captured, "disputes are about captured charges");
        record.is_disputed = true;
        let dispute = Dispute {
            id: id.clone(),
            charge,
            intent: intent.to_owned(),
            amount,
            currency: record.currency.clone(),
            status: "needs_response",
            created,
        };
        let object = dispute.object();
        self.disputes.push(dispute);
        self.record("charge.dispute.created", &object);
        self.record("charge.dispute.funds_withdrawn", &object);
        id
    }

    /// Decides a dispute.
    pub fn close_dispute(&mut self, id: &str, is_won: bool) {
        let mut disputes = self.disputes.iter_mut();
        let dispute = disputes.find(|dispute| dispute.id == id).unwrap();
        let mut previous = Map::new();
        previous.insert("status".to_owned(), dispute.status.into());
        dispute.status = if is_won { "won" } else { "lost" };
        let object = dispute.object();
        self.record_change("charge.dispute.closed", &object, previous);
        if is_won {
            self.record("charge.dispute.funds_reinstated", &object);
        }
    }

    /// Returns the dispute in a path.
    pub fn find_dispute(&self, id: &str) -> Result<&Dispute, ApiError> {
        let missing = || ApiError::missing(404, "dispute", id, "id");
        self.dispute(id).ok_or_else(missing)
    }
}
