//! Limits of a run: what a message may ask for, and what is enforced.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One mebibyte in bytes.
pub const MIB: u64 = 1 << 20;

/// The limits that a run is held to. All are enforced by the kernel or by the one that reads the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// CPU time, user and system, of all processes together, in milliseconds.
    pub cpu_ms: u64,
    /// Time on the monotonic clock, in milliseconds.
    pub wall_ms: u64,
    /// Memory of the control group: anonymous, tmpfs, kernel objects; in bytes.
    pub memory_bytes: u64,
    /// Processes and threads at one time.
    pub pids: u32,
    /// Bytes on standard output.
    pub stdout_bytes: u64,
    /// Bytes on standard error that are kept; more is read and dropped.
    pub stderr_bytes: u64,
    /// Size of one file and of all files together that the program writes, in bytes.
    pub file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 10_000,
            wall_ms: default_wall_ms(10_000),
            memory_bytes: 2048 * MIB,
            pids: 64,
            stdout_bytes: 8 * MIB,
            stderr_bytes: 64 << 10,
            file_bytes: 64 * MIB,
        }
    }
}

/// The wall limit for a CPU limit when none is given: twice the CPU limit and one second.
pub const fn default_wall_ms(cpu_ms: u64) -> u64 {
    cpu_ms.saturating_mul(2).saturating_add(1000)
}

/// The limits that a message names; what it leaves out comes from the problem or from [`Limits::default`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsRequest {
    /// CPU time in milliseconds, 1 to 3,600,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Wall time in milliseconds, 1 to 7,200,000; by default twice the CPU limit and one second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
    /// Memory in bytes, 4 MiB to 1 TiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Processes and threads, 1 to 32,768.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<u32>,
    /// Standard output in bytes, at most 1 GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout_bytes: Option<u64>,
    /// Standard error in bytes, at most 1 GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr_bytes: Option<u64>,
    /// Files in bytes, at most 64 GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<u64>,
}

impl LimitsRequest {
    /// These limits with the gaps filled from `defaults`. A wall limit that is not named follows the CPU limit when
    /// that one is named.
    pub fn resolve(&self, defaults: &Limits) -> Limits {
        let wall_ms = match (self.wall_ms, self.cpu_ms) {
            (Some(wall_ms), _) => wall_ms,
            (None, Some(cpu_ms)) => default_wall_ms(cpu_ms),
            (None, None) => defaults.wall_ms,
        };
        Limits {
            cpu_ms: self.cpu_ms.unwrap_or(defaults.cpu_ms),
            wall_ms,
            memory_bytes: self.memory_bytes.unwrap_or(defaults.memory_bytes),
            pids: self.pids.unwrap_or(defaults.pids),
            stdout_bytes: self.stdout_bytes.unwrap_or(defaults.stdout_bytes),
            stderr_bytes: self.stderr_bytes.unwrap_or(defaults.stderr_bytes),
            file_bytes: self.file_bytes.unwrap_or(defaults.file_bytes),
        }
    }

    /// Every value out of its range, as `(field, what is allowed)`.
    pub fn violations(&self) -> Vec<(&'static str, &'static str)> {
        let checks: [(&str, Option<u64>, u64, u64, &str); 7] = [
            ("limits.cpu_ms", self.cpu_ms, 1, 3_600_000, "must be 1 to 3600000"),
            ("limits.wall_ms", self.wall_ms, 1, 7_200_000, "must be 1 to 7200000"),
            ("limits.memory_bytes", self.memory_bytes, 4 * MIB, 1 << 40, "must be 4 MiB (4194304) to 1 TiB"),
            ("limits.pids", self.pids.map(u64::from), 1, 32_768, "must be 1 to 32768"),
            ("limits.stdout_bytes", self.stdout_bytes, 0, 1 << 30, "must be at most 1 GiB (1073741824)"),
            ("limits.stderr_bytes", self.stderr_bytes, 0, 1 << 30, "must be at most 1 GiB (1073741824)"),
            ("limits.file_bytes", self.file_bytes, 0, 64 << 30, "must be at most 64 GiB"),
        ];
        checks
            .into_iter()
            .filter(|(_, value, low, high, _)| value.is_some_and(|value| value < *low || value > *high))
            .map(|(field, _, _, _, allowed)| (field, allowed))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, LimitsRequest};

    #[test]
    fn a_wall_limit_follows_the_cpu_limit_unless_it_is_named() {
        let named = LimitsRequest { cpu_ms: Some(500), ..LimitsRequest::default() };
        assert_eq!(named.resolve(&Limits::default()).wall_ms, 2000);
        let both = LimitsRequest { wall_ms: Some(700), ..named };
        assert_eq!(both.resolve(&Limits::default()).wall_ms, 700);
        let defaults = Limits { wall_ms: 42, ..Limits::default() };
        assert_eq!(LimitsRequest::default().resolve(&defaults), defaults);
    }

    #[test]
    fn all_values_out_of_range_are_named_at_once() {
        let request =
            LimitsRequest { cpu_ms: Some(0), memory_bytes: Some(1), pids: Some(10), ..LimitsRequest::default() };
        let fields: Vec<_> = request.violations().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["limits.cpu_ms", "limits.memory_bytes"]);
    }
}
