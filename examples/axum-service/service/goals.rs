//! Goals, which belong to who made them. No handler checks that: the rules do, whatever it asks for.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use instant_client::{User, prelude::*};
use serde::Deserialize;

use super::{
    Service,
    failure::Failure,
    session::{Caller, Member},
};

/// Something to achieve.
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

pub async fn list(Caller(db): Caller) -> Result<Json<Vec<GoalRow>>, Failure> {
    Ok(Json(db.query(Goal::query().order(|g| g.title.asc())).await?))
}

#[derive(Deserialize)]
pub struct Wish {
    title: String,
}

pub async fn create(
    State(service): State<Service>,
    member: Member,
    Json(wish): Json<Wish>,
) -> Result<(StatusCode, Json<Option<GoalRow>>), Failure> {
    let goal = Goal::create(NewGoal { title: wish.title, done: false }).link(|g| g.owner, member.id);
    let id = goal.id();
    member.act(&service).transact(goal).await?;
    Ok((StatusCode::CREATED, Json(member.act(&service).get(id).await?)))
}

#[derive(Deserialize)]
pub struct Change {
    done: bool,
}

pub async fn change(
    caller: Caller,
    Path(id): Path<Id<Goal>>,
    Json(change): Json<Change>,
) -> Result<Json<GoalRow>, Failure> {
    let goal = visible(&caller, id).await?;
    caller.0.transact(Goal::update(goal.id).set(|g| g.done, change.done).strict()).await?;
    Ok(Json(visible(&caller, id).await?))
}

pub async fn delete(caller: Caller, Path(id): Path<Id<Goal>>) -> Result<StatusCode, Failure> {
    let goal = visible(&caller, id).await?;
    caller.0.transact(Goal::delete(goal.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn visible(Caller(db): &Caller, id: Id<Goal>) -> Result<GoalRow, Failure> {
    db.get(id).await?.ok_or(Failure::NotFound)
}
