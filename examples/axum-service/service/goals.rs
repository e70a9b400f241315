//! Goals, which belong to the users who create them. The app's rules enforce this; handlers need no
//! checks.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use instant_client::{User, prelude::*};
use serde::Deserialize;

use super::{
    Service,
    error::ServiceError,
    session::{Caller, Member},
};

/// A goal with its owner.
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals", serialize)]
pub struct Goal {
    pub id: Id<Goal>,
    #[instant(indexed)]
    pub title: String,
    pub done: bool,
    #[instant(link(reverse = "goals"))]
    pub owner: One<User>,
}

pub const RULES: &str = r#"{
    "goals": {
        "bind": ["isOwner", "auth.id != null && auth.id in data.ref('owner.id')"],
        "allow": {"view": "isOwner", "create": "auth.id != null", "update": "isOwner", "delete": "isOwner"}
    }
}"#;

pub async fn list(Caller(db): Caller) -> Result<Json<Vec<GoalRow>>, ServiceError> {
    Ok(Json(db.query(Goal::query().order(|g| g.title.asc())).await?))
}

#[derive(Deserialize)]
pub struct CreateGoal {
    title: String,
}

pub async fn create(
    State(service): State<Service>,
    member: Member,
    Json(body): Json<CreateGoal>,
) -> Result<(StatusCode, Json<Option<GoalRow>>), ServiceError> {
    let goal = Goal::create(NewGoal { title: body.title, done: false }).link(|g| g.owner, member.id);
    let id = goal.id();
    member.scoped(&service).transact(goal).await?;
    Ok((StatusCode::CREATED, Json(member.scoped(&service).get(id).await?)))
}

#[derive(Deserialize)]
pub struct UpdateGoal {
    done: bool,
}

pub async fn update(
    caller: Caller,
    Path(id): Path<Id<Goal>>,
    Json(body): Json<UpdateGoal>,
) -> Result<Json<GoalRow>, ServiceError> {
    let goal = find(&caller, id).await?;
    caller.0.transact(Goal::update(goal.id).set(|g| g.done, body.done).strict()).await?;
    Ok(Json(find(&caller, id).await?))
}

pub async fn delete(caller: Caller, Path(id): Path<Id<Goal>>) -> Result<StatusCode, ServiceError> {
    let goal = find(&caller, id).await?;
    caller.0.transact(Goal::delete(goal.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(Caller(db): &Caller, id: Id<Goal>) -> Result<GoalRow, ServiceError> {
    db.get(id).await?.ok_or(ServiceError::NotFound)
}
