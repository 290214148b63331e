//! Fault tests: processes, databases, connections and certificates fail under load, and nothing that was acknowledged is
//! lost, nothing happens without its entry, and the logs verify without an operator's help.
//!
//! Each test runs on a stack of its own, one test at a time. What happens by chance follows a seed that is printed; set
//! `STRONGROOM_SEED` to repeat a run.
//!
//! # Layout
//! - `support`: load, what its clients were told, and the checks that hold both against databases and logs
//! - `kills`: services killed at random; the controls of the checks
//! - `replicas`: two of each service on one database; keys rotated under load
//! - `outages`: key-service and audit-service away
//! - `database`: PostgreSQL killed and frozen, its sessions ended
//! - `golden_databases`: databases that an earlier release has left
//! - `late`: statements that take effect after they were given up
//! - `certificates`: certificates, authorities and policy replaced
//! - `passwords`: passwords of the databases replaced
//! - `power`: the machine's power cut
//! - `overload`: more calls than are served, a flood of denied ones, connections that say nothing
//! - `exhaustion`: callers who want to exhaust a service, beside honest ones
//! - `restores`: each database restored alone, under replicas that run, and the key database as the runbook says
//! - `rolling`: replicas replaced one after the other
//! - `starts`: the development stack where ports are taken, files were cut short, and two checkouts start at once
//! - `schemas`: columns that come and change under load, schemas that are older or newer than a binary
//! - `network`: connections between services cut, stalled and half open
#![cfg(test)]

mod certificates;
mod database;
mod exhaustion;
mod golden_databases;
mod kills;
mod late;
mod network;
mod outages;
mod overload;
mod passwords;
mod power;
mod replicas;
mod restores;
mod rolling;
mod schemas;
mod starts;
mod support;
