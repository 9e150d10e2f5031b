//! Faults of the stand-in and of the network before it.

use std::time::Duration;

use serde_json::Value;

/// The kind of a fault.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// The request is not executed. The connection is cut after this time.
    Hang(Duration),
    /// The request is executed after this time. Until then its idempotency key is in use.
    Delay(Duration),
    /// The request is executed at once, and answered after this time.
    DelayResponse(Duration),
    /// The request is not executed, and an error with this status is returned. Nothing is stored.
    Status(u16),
    /// The request is not executed, and an error with this status is stored with its idempotency key.
    StoredStatus(u16),
    /// The request is executed, and yet an error with this status is returned and stored with its idempotency key.
    StatusAfterwards(u16),
    /// The request is executed, and the connection is cut before the response.
    LoseResponse,
    /// The request is not executed. A web page is returned with this status.
    Html(u16),
    /// The request is executed. The response is followed by this number of spaces.
    Huge(usize),
    /// The request is executed, and the response is cut after this number of bytes.
    Truncate(usize),
    /// The request is executed, and the value at this JSON pointer is replaced in the response only.
    Change(&'static str, Value),
    /// The request is executed, and each object of the returned list is listed twice.
    Repeat,
    /// The request is executed, and the returned list is in reverse order.
    Reverse,
}

/// A fault of the next requests that match.
#[derive(Clone, Debug)]
pub struct Fault {
    kind: FaultKind,
    method: Option<&'static str>,
    path: String,
    suffix: &'static str,
    remaining: usize,
}

impl Fault {
    /// Creates a fault of the next request.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            method: None,
            path: "/v1/".to_owned(),
            suffix: "",
            remaining: 1,
        }
    }

    /// Restricts the fault to requests with this method whose path begins so.
    pub fn on(mut self, method: &'static str, path: &str) -> Self {
        self.method = Some(method);
        path.clone_into(&mut self.path);
        self
    }

    /// Restricts the fault to requests whose path ends so, such as `/capture`.
    pub fn ending(mut self, suffix: &'static str) -> Self {
        self.suffix = suffix;
        self
    }

    /// Sets the number of requests.
    pub fn times(mut self, count: usize) -> Self {
        self.remaining = count;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.remaining > 0
            && self.method.is_none_or(|wanted| wanted == method)
            && path.starts_with(&self.path)
            && path.ends_with(self.suffix)
    }
}

/// Returns the fault of a request, the first that matches, and counts it.
pub fn take(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultKind> {
    let fault = faults
        .iter_mut()
        .find(|fault| fault.matches(method, path))?;
    fault.remaining -= 1;
    let kind = fault.kind.clone();
    faults.retain(|fault| fault.remaining > 0);
    Some(kind)
}

/// Applies a fault to the body of a response that was executed.
pub fn change(fault: &FaultKind, body: &mut Value) {
    match fault {
        FaultKind::Change(pointer, value) => {
            *body.pointer_mut(pointer).unwrap() = value.clone();
        }
        FaultKind::Repeat => {
            let items = body["data"].as_array().cloned().unwrap_or_default();
            let twice = items.into_iter().flat_map(|item| [item.clone(), item]);
            body["data"] = twice.collect();
        }
        FaultKind::Reverse => {
            if let Some(items) = body["data"].as_array_mut() {
                items.reverse();
            }
        }
        _ => {}
    }
}
