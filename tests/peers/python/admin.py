"""Runs Instant's Python SDK against a server: admin.py URL LOG.

The server writes magic codes to LOG.
"""

import asyncio
import io
import pathlib
import re
import sys
import tempfile
from datetime import datetime, timezone

import httpx
from instantdb import AsyncInstant, Instant, id, lookup

from expect import end, expect, rejected, same

url, log = sys.argv[1:3]
app_json = pathlib.Path(__file__).parent.parent / "app.json"
headers = {"content-type": "application/json"}
made = httpx.post(f"{url}/dash/apps/ephemeral", content=app_json.read_bytes(), headers=headers)
same(made.status_code, 200)
app = made.json()["app"]
app_id, admin_token = app["id"], app["admin-token"]
db = Instant(app_id=app_id, admin_token=admin_token, api_uri=url + "/")

fit, read, run, swim = id(), id(), id(), id()


def goals(who=db, rule_params=None, **options):
    options = {"order": {"title": "asc"}, **options}
    return who.query({"goals": {"$": options}}, rule_params=rule_params)["goals"]


def titles(who=db, **options):
    return [goal["title"] for goal in goals(who, **options)]


# Writes.
with expect("a transaction of several chunks returns its id"):
    done = db.transact(
        [
            db.tx.goals[fit].update({"title": "Get fit", "slug": "fit", "rank": 1, "meta": {"week": 1}}),
            db.tx.goals[read].create(
                {"title": "Read more", "slug": "read", "rank": 2.5, "dueAt": datetime(2026, 1, 2, tzinfo=timezone.utc)}
            ),
            db.tx.todos[run].update({"title": "Run", "done": False}).link({"goal": fit}),
            db.tx.todos[swim].update({"title": "Swim"}),
            db.tx.goals[fit].link({"todos": [swim]}),
        ]
    )
    assert isinstance(done["tx-id"], int), done
with expect("merge is deep, and None removes"):
    db.transact(db.tx.goals[fit].merge({"meta": {"week": None, "place": {"city": "Bonn"}}}))
    same(goals(where={"id": fit}, fields=["meta"]), [{"id": fit, "meta": {"place": {"city": "Bonn"}}}])
with expect("lookups update, create and link, in both spellings"):
    db.transact(
        [
            db.tx.goals[lookup("slug", "fit")].update({"rank": 10}),
            db.tx.goals.lookup("slug", "new").update({"title": "New"}),
            db.tx.todos[swim].link({"goal": lookup("slug", "read")}),
        ]
    )
    rows = db.query({"goals": {"$": {"order": {"title": "asc"}}, "todos": {}}})["goals"]
    shown = [(row["slug"], row["rank"], [todo["title"] for todo in row["todos"]]) for row in rows]
    same(shown, [("fit", 10, ["Run"]), ("new", None, []), ("read", 2.5, ["Swim"])])
with expect("unlink and delete"):
    db.transact(
        [
            db.tx.todos[swim].unlink({"goal": lookup("slug", "read")}),
            db.tx.goals[lookup("slug", "new")].delete(),
        ]
    )
    todo = db.query({"todos": {"$": {"where": {"id": swim}}, "goal": {}}})["todos"]
    same((titles(), todo[0]["goal"]), (["Get fit", "Read more"], []))
with expect("strict updates reject missing entities"):
    with rejected("validation-failed", "Updating entities that don't exist"):
        db.transact(db.tx.goals[id()].update({"title": "x"}, {"upsert": False}))
with expect("creating an existing entity is rejected"):
    with rejected("validation-failed", "Creating entities that exist"):
        db.transact(db.tx.goals[fit].create({"title": "x"}))
with expect("a duplicate unique value is rejected, and nothing is written"):
    other = id()
    with rejected("record-not-unique", "`slug` is a unique attribute on `goals`"):
        db.transact([db.tx.todos[other].update({"title": "Lost"}), db.tx.goals[read].update({"slug": "fit"})])
    same(db.query({"todos": {"$": {"where": {"id": other}}}}), {"todos": []})
with expect("a value of the wrong type is rejected"):
    with rejected("validation-failed", "Invalid value type for goals.rank"):
        db.transact(db.tx.goals[fit].update({"rank": "first"}))
with expect("an invalid id is rejected"):
    with rejected("validation-failed", "Invalid entity ID 'one'"):
        db.transact(db.tx.goals["one"].update({"title": "x"}))

# Queries.
with expect("operators and nesting"):
    same(titles(where={"rank": {"$gt": 5}}), ["Get fit"])
    same(titles(where={"dueAt": {"$lt": "2026-02-01"}}), ["Read more"])
    same(titles(where={"title": {"$ilike": "get%"}}), ["Get fit"])
    same(titles(where={"slug": {"$in": ["read", "none"]}}), ["Read more"])
    same(titles(where={"slug": {"$not": "fit"}}), ["Read more"])
    same(titles(where={"dueAt": {"$isNull": True}}), ["Get fit"])
    same(titles(where={"todos.title": "Run"}), ["Get fit"])
    same(titles(where={"or": [{"rank": 10}, {"slug": "read"}]}), ["Get fit", "Read more"])
with expect("order, limit, offset and fields"):
    page = {"order": {"rank": "desc"}, "limit": 1, "offset": 1, "fields": ["title"]}
    same(goals(**page), [{"id": read, "title": "Read more"}])
with expect("an unknown namespace is empty"):
    same(db.query({"nothing": {}}), {"nothing": []})
with expect("a malformed query is rejected with its position"):
    with rejected("validation-failed", "Validation failed for query"):
        db.query({"goals": []})

# Users and sessions.
email = "alyssa@example.com"
with expect("create_token creates a user, by email or by id"):
    token = db.auth.create_token(email=email)
    user = db.auth.get_user(email=" ALYSSA@example.com ")
    same(user["email"], email)
    same(db.auth.get_user(id=user["id"])["id"], user["id"])
    same(db.auth.get_user(refresh_token=token)["id"], user["id"])
    same(db.auth.verify_token(token)["email"], email)
    assert db.auth.create_token(id=user["id"]) != token
with expect("a missing user is None"):
    same(db.auth.get_user(email="nobody@example.com"), None)
    same(db.auth.delete_user(id=id()), None)
with expect("an invalid email is rejected"):
    with rejected("param-malformed", '["params" "email"]'):
        db.auth.get_user(email="alyssa")
with expect("signing out ends one session, or all of a user"):
    one, two = (db.auth.create_token(email=email) for _ in range(2))
    db.auth.sign_out(refresh_token=one)
    with rejected("record-not-found", "app-user"):
        db.auth.verify_token(one)
    same(db.auth.verify_token(two)["id"], user["id"])
    db.auth.sign_out(id=user["id"])
    with rejected("record-not-found", "app-user"):
        db.auth.verify_token(two)
    with rejected("record-not-found", "app-user"):
        db.auth.sign_out(email="nobody@example.com")
    token = db.auth.create_token(email=email)
with expect("deleting a user returns the user"):
    db.auth.create_token(email="gone@example.com")
    same(db.auth.delete_user(email="gone@example.com")["email"], "gone@example.com")
    same(db.auth.get_user(email="gone@example.com"), None)

# Magic codes.
newcomer = "newcomer@example.com"
with expect("a code signs in once, and fills the fields of a new user"):
    code = db.auth.generate_magic_code(newcomer)
    assert re.fullmatch("[0-9]{6}", code), code
    new, created = db.auth.check_magic_code(email=newcomer, code=code, extra_fields={"nickname": "New"})
    same((created, new["nickname"], new["type"]), (True, "New", "user"))
    same(db.auth.verify_token(new["refresh_token"])["id"], new["id"])
    with rejected("record-not-found", "app-user-magic-code"):
        db.auth.check_magic_code(email=newcomer, code=code)
with expect("the server's log contains a sent code"):
    code = db.auth.send_magic_code(newcomer)
    assert f'magic code for {newcomer} in "peers": {code}' in pathlib.Path(log).read_text()
    again, created = db.auth.check_magic_code(email=newcomer, code=code)
    same((again["email"], created), (newcomer, False))
with expect("an unknown field of a new user is rejected"):
    code = db.auth.generate_magic_code("other@example.com")
    with rejected("validation-failed", "Unknown field: colour"):
        db.auth.check_magic_code(email="other@example.com", code=code, extra_fields={"colour": "red"})

# Acting as a user.
as_owner = db.as_user(email=email)
as_token = Instant(app_id=app_id, admin_token="", api_uri=url).as_user(token=token)
as_guest = Instant(app_id=app_id, admin_token="", api_uri=url).as_user(guest=True)
with expect("rules decide what users and guests see"):
    db.transact(db.tx.goals[fit].link({"owner": user["id"]}))
    same(titles(as_owner), ["Get fit"])
    same(titles(as_token), ["Get fit"])
    same(titles(as_guest), [])
    same(titles(as_guest, rule_params={"slug": "read"}), ["Read more"])
with expect("rules decide what users and guests change"):
    as_token.transact(db.tx.goals[fit].update({"title": "Get fitter"}))
    with rejected("permission-denied", "Permission denied: not perms-pass?"):
        as_token.transact(db.tx.goals[read].update({"title": "x"}))
    with rejected("permission-denied"):
        as_guest.transact(db.tx.todos[id()].update({"title": "x"}))
with expect("acting as an unknown user is rejected"):
    with rejected("record-not-found", "app-user"):
        db.as_user(email="nobody@example.com").query({"goals": {}})
    with rejected("param-malformed", '["asUser" "token"]'):
        db.as_user(token="none").query({"goals": {}})
with expect("debug_query shows the check of each row"):
    shown = as_owner.debug_query({"goals": {}})
    checks = sorted((row["record"]["slug"], row["check"]) for row in shown["check_results"])
    same((len(shown["result"]["goals"]), checks), (1, [("fit", True), ("read", False)]))
    shown = as_owner.debug_query({"goals": {}}, rules={"goals": {"allow": {"view": "true"}}})
    same(len(shown["result"]["goals"]), 2)
with expect("debug_transact shows the checks and writes nothing"):
    step = db.tx.goals[read].update({"title": "Changed"})
    same(as_owner.debug_transact(step)["all-checks-ok?"], False)
    done = as_owner.debug_transact(step, rules={"goals": {"allow": {"update": "true", "view": "true"}}})
    same((done["all-checks-ok?"], done["committed?"]), (True, False))
    same(titles(where={"id": read}), ["Read more"])


# Files.
def file_at(path):
    return db.query({"$files": {"$": {"where": {"path": path}}}})["$files"][0]


with expect("a file's URL returns the uploaded bytes"):
    done = db.storage.upload_file(
        "notes/a.txt", b"a few bytes", content_type="text/plain", content_disposition="attachment"
    )
    row = file_at("notes/a.txt")
    same((row["id"], row["size"]), (done["data"]["id"], 11))
    same((row["content-type"], row["content-disposition"]), ("text/plain", "attachment"))
    same(httpx.get(row["url"]).text, "a few bytes")
with expect("files from a disk and streams are uploaded in parts, and replace a file"):
    first = db.storage.upload_file("large.bin", io.BytesIO(b"x" * 300_000))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "large"
        path.write_bytes(b"y" * 500_000)
        second = db.storage.upload_file("large.bin", path)
    same((second["data"]["id"], second["data"]["size"]), (first["data"]["id"], 500_000))
    row = file_at("large.bin")
    same((row["content-type"], httpx.get(row["url"]).text), ("application/octet-stream", "y" * 500_000))
with expect("files are deleted by a transaction"):
    db.transact([db.tx["$files"][lookup("path", path)].delete() for path in ["notes/a.txt", "large.bin"]])
    same(db.query({"$files": {}}), {"$files": []})
with expect("rules decide who uploads"):
    as_token.storage.upload_file(f"users/{user['id']}/a.txt", b"own")
    with rejected("permission-denied", "not has-storage-permission?"):
        as_token.storage.upload_file("notes/a.txt", b"other")

# Presence and rejected credentials.
with expect("a room without sessions has no peers"):
    same(db.rooms.get_presence("chat", "room-1"), {})
    same(as_owner.rooms.get_presence("chat", "room 1/2"), {})
with expect("a wrong admin token is rejected"):
    stranger = Instant(app_id=app_id, admin_token=id(), api_uri=url)
    with rejected("record-not-found", "app-admin-token"):
        stranger.query({"goals": {}})
    with rejected("record-not-found", "app-admin-token"):
        stranger.auth.get_user(email=email)
    with rejected("param-malformed", '["headers" "authorization"]'):
        Instant(app_id=app_id, admin_token="none", api_uri=url).query({"goals": {}})


async def asynchronous():
    """The asynchronous half of the SDK, which has its own calls for live queries."""
    async with AsyncInstant(app_id=app_id, admin_token=admin_token, api_uri=url) as adb:
        with expect("the asynchronous client queries, writes and finds users"):
            todo = id()
            await adb.transact(adb.tx.todos[todo].update({"title": "Later"}))
            rows = (await adb.query({"todos": {"$": {"where": {"id": todo}}}}))["todos"]
            same([row["title"] for row in rows], ["Later"])
            same((await adb.auth.get_user(email=email))["email"], email)
            done = await adb.storage.upload_file("later.txt", b"later")
            same(done["data"]["size"], 5)
        with expect("subscribe_query returns the first result with page info"):
            query = {"goals": {"$": {"order": {"rank": "asc"}, "first": 1}}}
            async with adb.subscribe_query(query) as subscription:
                payload = await anext(subscription)
                same(payload["type"], "ok")
                same([goal["slug"] for goal in payload["data"]["goals"]], ["read"])
                same(payload["page_info"]["goals"]["has_next_page"], True)
        with expect("subscribe_query reports an invalid query"):
            async with adb.subscribe_query({"goals": {"$": {"limit": "many"}}}) as subscription:
                payload = await anext(subscription)
                same((payload["type"], payload["error"].body["type"]), ("error", "validation-failed"))


with expect("the asynchronous client finishes within a minute"):
    asyncio.run(asyncio.wait_for(asynchronous(), 60))
end("Python SDK")
