//! Static types, which find mistakes before a rule has values.

use std::fmt;

/// The type of an expression, as far as it is known before it has a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    /// Any type; only the value has one.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    /// The type of the values of `type()`.
    Kind,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Request,
    RateLimit,
    /// A type variable of a signature.
    Variable(u8),
}

impl Type {
    /// The type of records.
    pub(crate) fn record() -> Self {
        Self::Map(Box::new(Self::String), Box::new(Self::Dyn))
    }

    pub(crate) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Returns whether a value can have both types.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn, _) | (_, Self::Dyn) => true,
            (Self::Null, other) | (other, Self::Null) if other.is_nullable() => true,
            (Self::List(a), Self::List(b)) => a.overlaps(b),
            (Self::Map(a, b), Self::Map(c, d)) => a.overlaps(c) && b.overlaps(d),
            (a, b) => a == b,
        }
    }

    fn is_nullable(&self) -> bool {
        matches!(self, Self::Null | Self::Timestamp | Self::Duration | Self::Request | Self::RateLimit)
    }

    /// Returns the type of a value that has one of two types.
    pub(crate) fn join(self, other: &Self) -> Self {
        match (self, other) {
            (own, other) if own == *other => own,
            (Self::Null, other) if other.is_nullable() => other.clone(),
            (own, Self::Null) if own.is_nullable() => own,
            _ => Self::Dyn,
        }
    }

    /// Returns whether a parameter of this type accepts an argument; assigns type variables.
    pub(crate) fn accepts(&self, argument: &Type, variables: &mut [Option<Type>; 2]) -> bool {
        match (self, argument) {
            (Self::Variable(no), _) => match &mut variables[usize::from(*no)] {
                Some(Type::Dyn) => {
                    variables[usize::from(*no)] = Some(argument.clone());
                    true
                }
                Some(known) => known.overlaps(argument),
                unknown => {
                    *unknown = Some(argument.clone());
                    true
                }
            },
            (_, Self::Dyn) => true,
            (Self::List(own), Self::List(item)) => own.accepts(item, variables),
            (Self::Map(key, value), Self::Map(k, v)) => {
                key.accepts(k, variables) && value.accepts(v, variables)
            }
            (own, argument) => own.overlaps(argument),
        }
    }

    /// Returns the type with its variables replaced by their types.
    pub(crate) fn filled(&self, variables: &[Option<Type>; 2]) -> Type {
        match self {
            Self::Variable(no) => variables[usize::from(*no)].clone().unwrap_or(Self::Dyn),
            Self::List(item) => Self::list(item.filled(variables)),
            Self::Map(key, value) => {
                Self::Map(Box::new(key.filled(variables)), Box::new(value.filled(variables)))
            }
            other => other.clone(),
        }
    }

    /// Parses a type as [`Display`](fmt::Display) shows it; `A` and `B` are variables.
    pub(crate) fn parse(text: &str) -> Option<Self> {
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
    (Type::String, "string"),
    (Type::Bytes, "bytes"),
    (Type::Timestamp, "timestamp"),
    (Type::Duration, "duration"),
    (Type::Kind, "type"),
    (Type::Request, "request"),
    (Type::RateLimit, "rate limit"),
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
