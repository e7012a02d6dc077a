/** Short names of what the API sends and takes. The types are generated from its description: `npm run api`. */
import type { components } from "./rollcall";

type Schemas = components["schemas"];

export type Role = Schemas["MemberRole"];
export type Session = Schemas["SessionInfo"];
export type SignIn = Schemas["SignInWays"];
export type OpenSession = Schemas["MemberSession"];
export type Member = Schemas["MemberInfo"];
export type SavedQuery = Schemas["SavedQuery"];
export type Subscription = Schemas["Subscription"];
export type NewSubscription = Schemas["NewSubscription"];
export type System = Schemas["System"];
export type AccessToken = Schemas["ListedToken"];
export type ListedApp = Schemas["ListedApp"];
export type Connection = Schemas["Connection"];
export type Connections = Schemas["Connections"];
export type NewConnection = Schemas["NewConnection"];
export type ConnectionChange = Schemas["ConnectionChange"];
export type VendorApp = Schemas["CollectVendorApp"];
export type LiveInstance = Schemas["LiveInstance"];
/** Data of the event `live`. */
export type Live = Schemas["LiveList"];
