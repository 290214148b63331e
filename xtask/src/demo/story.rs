//! What the demo tells: chapters, what held, and whether all of it did.

use std::fmt::Display;
use std::time::Instant;

use rpc::StatusDetails;
use tonic::{Code, Status};

use crate::outcome::Outcome;
use crate::screen;

/// The demo as it goes on.
#[derive(Debug)]
pub(crate) struct Story {
    begun: Instant,
    chapters: u32,
    held: u32,
    failed: u32,
}

impl Story {
    pub(crate) fn begin() -> Self {
        screen::line(screen::bold("Strongroom: regulated records, sealed, revealed and accounted for"));
        Self { begun: Instant::now(), chapters: 0, held: 0, failed: 0 }
    }

    pub(crate) fn chapter(&mut self, title: &str) {
        self.chapters += 1;
        screen::heading(format_args!("{}  {title}", self.chapters));
    }

    /// Something that was just seen to hold.
    pub(crate) fn holds(&mut self, text: impl Display) {
        self.held += 1;
        screen::good(text);
    }

    /// Something that must hold.
    pub(crate) fn expect(&mut self, holds: bool, text: impl Display) {
        if holds {
            self.holds(text);
        } else {
            self.failed += 1;
            screen::bad(format_args!("does not hold: {text}"));
        }
    }

    /// A call that must be refused, with this code and, where one is given, this reason.
    pub(crate) fn refused<T>(&mut self, what: impl Display, result: Result<T, Status>, code: Code, reason: &str) {
        match result {
            Ok(_) => {
                self.failed += 1;
                screen::bad(format_args!("{what}: was answered, and must be refused"));
            }
            Err(status) => {
                let details = StatusDetails::of(&status);
                let fits = details.code == code && (reason.is_empty() || details.reason == reason);
                let said = format!("{} {}", code_name(details.code), details.reason);
                self.expect(fits, format_args!("{what}: refused, {}", said.trim_end()));
                for (field, description) in details.violations {
                    screen::note(format_args!("{field}: {description}"));
                }
                if !fits {
                    screen::note(format_args!("{}; expected {} {reason}", details.message, code_name(code)));
                }
            }
        }
    }

    /// The last line. Fails if anything did not hold.
    pub(crate) fn end(self) -> Outcome {
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.failed > 0 {
            return Err(format!("{} of {} did not hold", self.failed, self.failed + self.held).into());
        }
        screen::line("");
        screen::line(screen::bold(format_args!("All {} held, in {seconds:.1} s.", self.held)));
        screen::line("The stack goes on: ./dev up --detach says how to call it, ./dev down ends it.");
        Ok(())
    }
}

/// As the specification writes it: `PERMISSION_DENIED`.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
