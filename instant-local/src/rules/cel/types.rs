//! Static types: enough to find the mistakes that need no values.

use std::fmt;

/// The type of an expression, as far as it is known before it has a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    /// Known only with the value.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    Kind,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Request,
    Bucket,
    /// In a signature: the same type wherever it stands.
    Variable(u8),
}

impl Type {
    /// Data, users and parameters: keys to whatever is stored.
    pub(super) fn record() -> Self {
        Self::Map(Box::new(Self::Text), Box::new(Self::Dyn))
    }

    pub(super) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Whether there may be a value of both types.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn, _) | (_, Self::Dyn) => true,
            (Self::Null, other) | (other, Self::Null) if other.is_nullable() => true,
            (Self::List(a), Self::List(b)) => a.meets(b),
            (Self::Map(a, b), Self::Map(c, d)) => a.meets(c) && b.meets(d),
            (a, b) => a == b,
        }
    }

    fn is_nullable(&self) -> bool {
        matches!(self, Self::Null | Self::Timestamp | Self::Duration | Self::Request | Self::Bucket)
    }

    /// The type of what may be of either.
    pub(super) fn join(self, other: &Self) -> Self {
        match (self, other) {
            (own, other) if own == *other => own,
            (Self::Null, other) if other.is_nullable() => other.clone(),
            (own, Self::Null) if own.is_nullable() => own,
            _ => Self::Dyn,
        }
    }

    /// Whether a parameter of this type takes an argument; finds what the variables stand for.
    pub(super) fn takes(&self, argument: &Type, variables: &mut [Option<Type>; 2]) -> bool {
        match (self, argument) {
            (Self::Variable(no), _) => match &mut variables[usize::from(*no)] {
                Some(Type::Dyn) => {
                    variables[usize::from(*no)] = Some(argument.clone());
                    true
                }
                Some(known) => known.meets(argument),
                unknown => {
                    *unknown = Some(argument.clone());
                    true
                }
            },
            (_, Self::Dyn) => true,
            (Self::List(own), Self::List(item)) => own.takes(item, variables),
            (Self::Map(key, value), Self::Map(k, v)) => key.takes(k, variables) && value.takes(v, variables),
            (own, argument) => own.meets(argument),
        }
    }

    /// The type with variables replaced by what they stand for.
    pub(super) fn filled(&self, variables: &[Option<Type>; 2]) -> Type {
        match self {
            Self::Variable(no) => variables[usize::from(*no)].clone().unwrap_or(Self::Dyn),
            Self::List(item) => Self::list(item.filled(variables)),
            Self::Map(key, value) => {
                Self::Map(Box::new(key.filled(variables)), Box::new(value.filled(variables)))
            }
            other => other.clone(),
        }
    }

    /// Reads a type as [`fmt::Display`] writes it; `A` and `B` are variables.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(item) = inside("list") {
            return Some(Self::list(Self::parse(item)?));
        }
        if let Some(entry) = inside("map") {
            let (key, value) = entry.split_once(',')?;
            return Some(Self::Map(Box::new(Self::parse(key)?), Box::new(Self::parse(value.trim())?)));
        }
        NAMES.iter().find(|(_, name)| *name == text).map(|(own, _)| own.clone())
    }
}

const NAMES: [(Type, &str); 15] = [
    (Type::Dyn, "dyn"),
    (Type::Null, "null"),
    (Type::Bool, "bool"),
    (Type::Int, "int"),
    (Type::Uint, "uint"),
    (Type::Double, "double"),
    (Type::Text, "string"),
    (Type::Bytes, "bytes"),
    (Type::Timestamp, "timestamp"),
    (Type::Duration, "duration"),
    (Type::Kind, "type"),
    (Type::Request, "request"),
    (Type::Bucket, "rate limit"),
    (Type::Variable(0), "A"),
    (Type::Variable(1), "B"),
];

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            other => f.write_str(NAMES.iter().find(|(own, _)| own == other).map_or("dyn", |(_, name)| name)),
        }
    }
}
