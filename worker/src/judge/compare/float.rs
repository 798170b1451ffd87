//! Decimal numbers in tokens, and tolerances between them.
//!
//! Only the decimal grammar of the package format is a number; `inf`, `nan` and hexadecimal are text.

use assay_shared::Checker;

/// How far a number may be from the expected one.
#[derive(Clone, Debug)]
pub(super) struct Tolerance {
    absolute: Option<Bound>,
    relative: Option<Bound>,
}

/// A tolerance as the nearest double and as the decimal that was written.
#[derive(Clone, Copy, Debug)]
struct Bound {
    value: f64,
    decimal: Option<Decimal>,
}

impl Bound {
    fn new(value: f64) -> Self {
        // The shortest decimal that gives this double is the one that a person wrote.
        Self { value, decimal: Decimal::read(format!("{value:e}").as_bytes()) }
    }
}

impl Tolerance {
    /// The tolerance that a checker asks for, if it compares numbers as numbers.
    pub(super) fn of(checker: &Checker) -> Option<Self> {
        let (absolute, relative) = (checker.float_absolute, checker.float_relative);
        (absolute.is_some() || relative.is_some())
            .then(|| Self { absolute: absolute.map(Bound::new), relative: relative.map(Bound::new) })
    }

    /// Whether `got` is near enough to `wanted`. Both follow the decimal grammar.
    pub(super) fn accepts(&self, wanted: &[u8], got: &[u8]) -> bool {
        let (Some(expected), Some(actual)) = (parse(wanted), parse(got)) else { return false };
        if !expected.is_finite() || !actual.is_finite() {
            return false;
        }
        let difference = (actual - expected).abs();
        let within = |bound: Bound, limit: f64, scale_by_expected: bool| {
            // Rounding to doubles can move the difference by this much; inside that the digits themselves decide.
            let blur = 2.0 * f64::EPSILON * (actual.abs().max(expected.abs()) + limit);
            if (difference - limit).abs() <= blur {
                exactly_within(wanted, got, bound, scale_by_expected).unwrap_or(difference <= limit)
            } else {
                difference <= limit
            }
        };
        self.absolute.is_some_and(|bound| within(bound, bound.value, false))
            || self.relative.is_some_and(|bound| within(bound, bound.value * expected.abs(), true))
    }
}

fn parse(token: &[u8]) -> Option<f64> {
    std::str::from_utf8(token).ok()?.parse().ok()
}

/// Whether a token is a number: a sign, digits with at most one point, an exponent; nothing else.
pub(super) fn is_decimal(token: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = |bytes: &[u8]| usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut rest = &token[sign(token)..];
    let whole = digits(rest);
    rest = &rest[whole..];
    let mut fraction = 0;
    if let Some(after_point) = rest.strip_prefix(b".") {
        fraction = digits(after_point);
        rest = &after_point[fraction..];
    }
    if whole + fraction == 0 {
        return false;
    }
    match rest.split_first() {
        None => true,
        Some((b'e' | b'E', exponent)) => {
            let exponent = &exponent[sign(exponent)..];
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        Some(_) => false,
    }
}

/// The number `mantissa * 10^exponent`, exactly.
#[derive(Clone, Copy, Debug)]
struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    /// Reads a token of the decimal grammar; nothing if it has too many digits for an exact answer.
    fn read(token: &[u8]) -> Option<Self> {
        let (significand, exponent) = match token.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (&token[..at], std::str::from_utf8(&token[at + 1..]).ok()?.parse::<i32>().ok()?),
            None => (token, 0),
        };
        let (mut mantissa, mut scale, mut after_point) = (0_i128, 0_i32, false);
        for byte in significand {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    scale = scale.checked_add(i32::from(after_point))?;
                }
                b'.' => after_point = true,
                _ => {}
            }
        }
        let negative = significand.first() == Some(&b'-');
        let exponent = exponent.checked_sub(scale)?;
        Some(Self { mantissa: if negative { -mantissa } else { mantissa }, exponent })
    }

    /// The mantissa that this number has with a smaller exponent.
    fn at(self, exponent: i32) -> Option<i128> {
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        if self.mantissa == 0 { Some(0) } else { self.mantissa.checked_mul(10_i128.checked_pow(shift)?) }
    }

    fn minus(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        Some(Self { mantissa: self.at(exponent)?.checked_sub(other.at(exponent)?)?, exponent })
    }

    fn times(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self { mantissa, exponent: self.exponent.checked_add(other.exponent)? })
    }

    fn abs(self) -> Self {
        Self { mantissa: self.mantissa.abs(), ..self }
    }
}

/// The comparison in exact arithmetic, if the numbers are short enough for it.
fn exactly_within(wanted: &[u8], got: &[u8], bound: Bound, scale_by_expected: bool) -> Option<bool> {
    let wanted = Decimal::read(wanted)?;
    let difference = Decimal::read(got)?.minus(wanted)?.abs();
    let mut limit = bound.decimal?;
    if scale_by_expected {
        limit = limit.times(wanted.abs())?;
    }
    Some(difference.minus(limit)?.mantissa <= 0)
}
