//! The operations of Rollcall's own API.

use rollcall_model::{Effect, Method, Operation, Subject};

/// The scope of programs that report for the whole account.
pub(super) const INGEST_SCOPE: &str = "ingest:write";

/// The scope of queries that see names.
pub(super) const SQL_SCOPE: &str = "rollcall:sql";
/// Scopes of SQL queries. With the second alone, columns that identify persons are NULL.
const READ_SQL: &[&str] = &[SQL_SCOPE, "rollcall:sql:anonymous"];

/// The scopes of members.
pub(super) const READ_MEMBERS: &str = "members:read";
pub(super) const WRITE_MEMBERS: &str = "members:write";

/// Scopes that can read erasures; those that may erase may also read.
const READ_ERASURES: &[&str] = &["erasures:read", "erasures:write"];

/// Scopes that can read persons; those that may change them may also read.
const READ_PERSONS: &[&str] = &["persons:read", "persons:write"];

/// The scopes of connections to vendors.
const MANAGE_COLLECTING: &str = "collect:manage";
const READ_COLLECTING: &[&str] = &["collect:read", MANAGE_COLLECTING];

/// Scopes that can read saved queries.
const READ_QUERIES: &[&str] = &["queries:read", "queries:write"];

/// Scopes that can read subscriptions.
const READ_SUBSCRIPTIONS: &[&str] = &["subscriptions:read", WRITE_SUBSCRIPTIONS];
const WRITE_SUBSCRIPTIONS: &str = "subscriptions:write";

/// Scopes that can read which tokens and apps there are.
const READ_TOKENS: &[&str] = &["tokens:read", "tokens:write"];
const READ_APPS: &[&str] = &["apps:read", "apps:write"];

macro_rules! operations {
    ($($name:ident = $method:ident $path:literal, $id:literal, $title:literal, $effect:ident, $scopes:expr;)+) => {
        $(
            #[doc = concat!("`", $path, "`: ", $title, ".")]
            pub(super) const $name: Operation = Operation {
                id: $id,
                method: Method::$method,
                path: $path,
                title: $title,
                prerequisites: None,
                scopes: $scopes,
                effect: Effect::$effect,
                subject: Subject::Account,
                label: None,
            };
        )+
        /// Every operation.
        pub(crate) const ALL: &[&Operation] = &[$(&$name),+];
    };
}

operations! {
    SQL = Post "/api/v1/sql", "askInSql", "Run an SQL query", Export, READ_SQL;
    // The tables are the same for every account.
    SQL_SCHEMA = Get "/api/v1/sql/schema", "getSqlSchema", "List SQL tables", Read, READ_SQL;
    LIVE = Get "/api/v1/live", "streamLive", "Follow live meetings", Read, READ_SQL;
    LIST_QUERIES = Get "/api/v1/queries", "listQueries", "List saved queries", Read, READ_QUERIES;
    SAVE_QUERY = Post "/api/v1/queries", "saveQuery", "Save a query", Change, &["queries:write"];
    DELETE_QUERY = Delete "/api/v1/queries/{queryId}", "deleteQuery", "Delete a saved query", Change, &["queries:write"];
    LIST_SUBSCRIPTIONS = Get "/api/v1/subscriptions", "listSubscriptions", "List subscriptions",
        Read, READ_SUBSCRIPTIONS;
    SUBSCRIBE = Post "/api/v1/subscriptions", "subscribe", "Subscribe a member", Change, &[WRITE_SUBSCRIPTIONS];
    GET_SUBSCRIPTION = Get "/api/v1/subscriptions/{subscriptionId}", "getSubscription", "Get a subscription",
        Read, READ_SUBSCRIPTIONS;
    CHANGE_SUBSCRIPTION = Patch "/api/v1/subscriptions/{subscriptionId}", "changeSubscription", "Change a subscription",
        Change, &[WRITE_SUBSCRIPTIONS];
    DELETE_SUBSCRIPTION = Delete "/api/v1/subscriptions/{subscriptionId}", "deleteSubscription",
        "Delete a subscription", Change, &[WRITE_SUBSCRIPTIONS];
    SEND_SUBSCRIPTION = Post "/api/v1/subscriptions/{subscriptionId}/send", "sendSubscription",
        "Send a subscription now", Change, &[WRITE_SUBSCRIPTIONS];
    LIST_TOKENS = Get "/api/v1/tokens", "listApiTokens", "List access tokens", Read, READ_TOKENS;
    CREATE_TOKEN = Post "/api/v1/tokens", "createApiToken", "Create an access token", Change, &["tokens:write"];
    REVOKE_TOKEN = Delete "/api/v1/tokens/{tokenId}", "revokeApiToken", "Revoke an access token", Change, &["tokens:write"];
    LIST_APPS = Get "/api/v1/apps", "listOauthApps", "List OAuth apps", Read, READ_APPS;
    CREATE_APP = Post "/api/v1/apps", "createOauthApp", "Create an OAuth app", Change, &["apps:write"];
    REVOKE_APP = Delete "/api/v1/apps/{clientId}", "revokeOauthApp", "Revoke an OAuth app", Change, &["apps:write"];
    SYSTEM = Get "/api/v1/system", "getSystem", "Get the state of the system", Read, &["system:read"];
    LIST_CONNECTIONS = Get "/api/v1/collect/connections", "listConnections", "List connections", Read, READ_COLLECTING;
    CREATE_CONNECTION = Post "/api/v1/collect/connections", "createConnection", "Create a connection",
        Change, &[MANAGE_COLLECTING];
    GET_CONNECTION = Get "/api/v1/collect/connections/{connectionId}", "getConnection", "Get a connection",
        Read, READ_COLLECTING;
    CHANGE_CONNECTION = Patch "/api/v1/collect/connections/{connectionId}", "changeConnection", "Change a connection",
        Change, &[MANAGE_COLLECTING];
    DELETE_CONNECTION = Delete "/api/v1/collect/connections/{connectionId}", "deleteConnection", "Delete a connection",
        Change, &[MANAGE_COLLECTING];
    RUN_CONNECTION = Post "/api/v1/collect/connections/{connectionId}/run", "runConnection", "Run a connection now",
        Change, &[MANAGE_COLLECTING];
    LIST_GAPS = Get "/api/v1/collect/gaps", "listGaps", "List gaps", Read, READ_COLLECTING;
    LIST_DIFFERENCES = Get "/api/v1/collect/differences", "listDifferences", "List differences", Read, READ_COLLECTING;
    LIST_UNKNOWN_VALUES = Get "/api/v1/collect/unknown-values", "listUnknownValues", "List unknown values",
        Read, READ_COLLECTING;
    PREVIEW_ERASURE = Post "/api/v1/erasures/preview", "previewErasure", "Preview an erasure", Read, READ_ERASURES;
    ERASE_PERSON = Post "/api/v1/erasures", "erasePerson", "Erase a person", Erase, &["erasures:write"];
    LIST_ERASURES = Get "/api/v1/erasures", "listErasures", "List erasures", Read, READ_ERASURES;
    GET_ERASURE = Get "/api/v1/erasures/{erasureId}", "getErasure", "Get an erasure", Read, READ_ERASURES;
    GET_ATTENDANCE = Get "/api/v1/instances/{instanceId}/attendance", "getAttendance", "Get attendance by person",
        Read, READ_PERSONS;
    LIST_PERSON_ALIASES = Get "/api/v1/persons/aliases", "listPersonAliases", "List aliases of persons",
        Read, READ_PERSONS;
    MERGE_PERSONS = Post "/api/v1/persons/aliases", "mergePersons", "Merge two persons", Change, &["persons:write"];
    SPLIT_PERSON = Delete "/api/v1/persons/aliases/{alias}", "splitPerson", "Split a person", Change, &["persons:write"];
    // Every role has these, so they have no scope: their handlers ask who is signed in.
    GET_SIGN_IN = Get "/api/v1/sign-in", "getSignIn", "Get the ways to sign in", Read, &[];
    GET_SESSION = Get "/api/v1/session", "getSession", "Get the session", Read, &[];
    SIGN_IN = Post "/api/v1/session", "signIn", "Sign in", Change, &[];
    SIGN_OUT = Delete "/api/v1/session", "signOut", "Sign out", Change, &[];
    SIGN_IN_TO_DEMO = Post "/api/v1/session/demo", "signInToDemo", "Sign in to the demo", Change, &[];
    SET_PASSWORD = Put "/api/v1/session/password", "setPassword", "Change your password", Change, &[];
    LIST_SESSIONS = Get "/api/v1/sessions", "listSessions", "List sessions", Read, &[];
    END_SESSION = Delete "/api/v1/sessions/{sessionId}", "endSession", "End a session", Change, &[];
    GET_INVITATION = Get "/api/v1/invitations/{code}", "getInvitation", "Get an invitation", Read, &[];
    ACCEPT_INVITATION = Post "/api/v1/invitations/{code}", "acceptInvitation", "Accept an invitation", Change, &[];
    LIST_MEMBERS = Get "/api/v1/members", "listMembers", "List members", Read, &[READ_MEMBERS];
    INVITE_MEMBER = Post "/api/v1/members", "inviteMember", "Invite a member", Change, &[WRITE_MEMBERS];
    CHANGE_MEMBER = Patch "/api/v1/members/{memberId}", "changeMember", "Change a member", Change, &[WRITE_MEMBERS];
    REMOVE_MEMBER = Delete "/api/v1/members/{memberId}", "removeMember", "Remove a member", Change, &[WRITE_MEMBERS];
    INGEST_PARTICIPANTS = Post "/ingest/v1/participants", "ingestParticipants", "Send participants",
        Ingest, &[INGEST_SCOPE];
    INGEST_QOS = Post "/ingest/v1/qos", "ingestQos", "Send quality of service", Ingest, &[INGEST_SCOPE];
    INGEST_WEBRTC = Post "/ingest/v1/webrtc", "ingestWebrtc", "Send a page's call statistics", Ingest, &["ingest:webrtc"];
}
