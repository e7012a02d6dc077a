/**
 * Operations that the server's API description does not hold yet, typed by hand.
 * Replace this file: when `npm run api` writes these operations into rollcall.d.ts, delete it and its import in client.ts.
 */

type Json<T> = { content: { "application/json": T } };
type ErrorBody = Json<{ message: string }>;
type Errors = { 400: ErrorBody; 401: ErrorBody; 403: ErrorBody; 404: ErrorBody; 409: ErrorBody; 429: ErrorBody };
type Operation<Ok extends Record<number, unknown>, Body = never, Path = never> = {
  parameters: { query?: never; header?: never; cookie?: never } & ([Path] extends [never] ? { path?: never } : { path: Path });
  responses: Ok & Errors;
} & ([Body] extends [never] ? { requestBody?: never } : { requestBody: Json<Body> });
type Empty = { content?: never };

export type Role = "viewer" | "analyst" | "administrator";

export interface Session {
  member: { id: string; email: string; name: string } | null;
  account: { id: string; name: string };
  role: Role;
  names_hidden: boolean;
  demo: boolean;
  expires_at: string | null;
  scopes: string[];
  version: string;
}

export interface SignIn {
  demo: boolean;
  password: boolean;
  providers: { id: string; name: string }[];
  first_start: boolean;
}

export interface Invitation {
  email: string | null;
  role: Role;
  account: { name: string };
  expires_at: string;
}

export interface OpenSession {
  id: string;
  member: { id: string; email: string; name: string };
  created_at: string;
  last_used_at: string;
  expires_at: string;
  address: string | null;
  agent: string | null;
  current: boolean;
}

export interface Member {
  id: string;
  email: string;
  name: string;
  role: Role;
  names_hidden: boolean;
  created_at: string;
  last_seen_at: string | null;
  provider: string | null;
}

export interface SavedQuery {
  id: number;
  name: string;
  query: string;
  created_at: string;
}

export interface System {
  version: string;
  intake: "demo" | "empty" | "quiet" | "fresh";
  last_write_seconds_ago: number | null;
  problems: string[];
  jobs: { name: string; rounds: number; failures: number; pending: number | null }[];
  archive: { files: number; bytes: number; minutes: number };
  retention: { what: string; setting: string; days: number | null }[];
  retention_waits: boolean;
  pending_erasures: number;
}

export interface AccessToken {
  id: number;
  kind: "access" | "refresh";
  state: "active" | "expired" | "revoked";
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  client_id: string | null;
  user_id: string | null;
  scopes: string[];
}

export interface ListedApp {
  client_id: string;
  name: string;
  state: "active" | "revoked";
  created_at: string;
  is_public: boolean;
  redirect_uris: string[];
  scopes: string[];
}

export interface LiveInstance {
  uuid: string;
  kind: "meeting" | "webinar";
  meeting_id: number | null;
  topic: string | null;
  host: string | null;
  start_time: string | null;
  people: number;
  measured: number;
  poor: number;
  worst: string[] | null;
  trouble: (number | null)[];
}

/** Data of the event `live` of `GET /api/v1/live`. */
export interface Live {
  at: string;
  instances: LiveInstance[];
}

type Id = { id: string };

export interface PendingPaths {
  "/api/v1/session": {
    get: Operation<{ 200: Json<Session> }>;
    post: Operation<{ 201: Json<Session> }, { email: string; password: string }>;
    delete: Operation<{ 204: Empty }>;
  };
  "/api/v1/session/demo": { post: Operation<{ 201: Json<Session> }> };
  "/api/v1/session/password": { put: Operation<{ 204: Empty }, { current: string; new: string }> };
  "/api/v1/sign-in": { get: Operation<{ 200: Json<SignIn> }> };
  "/api/v1/invitations/{code}": {
    get: Operation<{ 200: Json<Invitation> }, never, { code: string }>;
    post: Operation<{ 201: Json<Session> }, { email: string; name: string; password: string }, { code: string }>;
  };
  "/api/v1/sessions": { get: Operation<{ 200: Json<{ sessions: OpenSession[] }> }> };
  "/api/v1/sessions/{id}": { delete: Operation<{ 204: Empty }, never, Id> };
  "/api/v1/members": {
    get: Operation<{ 200: Json<{ members: Member[] }> }>;
    post: Operation<{ 201: Json<{ link: string; expires_at: string }> }, { email: string; role: Role; names_hidden: boolean }>;
  };
  "/api/v1/members/{id}": {
    patch: Operation<{ 204: Empty }, { role?: Role; names_hidden?: boolean }, Id>;
    delete: Operation<{ 204: Empty }, never, Id>;
  };
  "/api/v1/tokens": {
    get: {
      parameters: { query?: { after?: number; limit?: number }; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: { 200: Json<{ tokens: AccessToken[]; next: number | null }> } & Errors;
    };
    post: Operation<{ 201: Json<{ id: number; token: string; expires_at: string }> }, { scopes: string[]; days: number }>;
  };
  "/api/v1/tokens/{id}": { delete: Operation<{ 204: Empty }, never, Id> };
  "/api/v1/apps": {
    get: Operation<{ 200: Json<{ apps: ListedApp[] }> }>;
    post: Operation<
      { 201: Json<{ account_id: string; client_id: string; client_secret: string | null }> },
      { name: string; scopes: string[]; redirect_uris: string[]; is_public: boolean }
    >;
  };
  "/api/v1/apps/{id}": { delete: Operation<{ 204: Empty }, never, Id> };
  "/api/v1/queries": {
    get: Operation<{ 200: Json<{ queries: SavedQuery[] }> }>;
    post: Operation<{ 201: Json<SavedQuery> }, { name: string; query: string }>;
  };
  "/api/v1/queries/{id}": { delete: Operation<{ 204: Empty }, never, Id> };
  "/api/v1/system": { get: Operation<{ 200: Json<System> }> };
}
