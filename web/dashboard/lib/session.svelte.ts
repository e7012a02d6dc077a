/** Who is signed in, and what they may do. */
import type { Role, Session, SignIn } from "../../api/types";
import { api, data, onSignedOut } from "./client";
import { forget } from "./load.svelte";
import { Problem } from "./problem";
import { address } from "./router.svelte";
import { match } from "./routes";

const ROLES: Role[] = ["viewer", "analyst", "administrator"];

class Reader {
  session = $state.raw<Session | null>(null);
  problem = $state.raw<Problem | null>(null);
  ready = $state(false);

  /** Whether the role of the session includes this one. */
  may(role: Role): boolean {
    return !!this.session && ROLES.indexOf(this.session.role as Role) >= ROLES.indexOf(role);
  }

  /** Returns a person's name as it is shown: unnamed people and hidden names are not the same. */
  nameOf(name: string | null | undefined): string {
    return name || (this.namesHidden ? "Name hidden" : "No name");
  }

  get namesHidden(): boolean {
    return this.session?.names_hidden ?? false;
  }

  /** Reads the session. If nobody is signed in, the demo signs in its viewer; other servers show the sign-in page. */
  async start() {
    try {
      // A first visit asks what it can do before it asks who it is: the demo's visitors have no session to be refused.
      if (!remembered()) await this.signInToDemo();
      this.session ??= await current();
      if (!this.session && remembered()) await this.signInToDemo();
      remember(!!this.session);
    } catch (error) {
      this.problem = Problem.caught(error);
    }
    this.ready = true;
    if (!this.session && !this.problem) this.toSignIn();
  }

  private async signInToDemo() {
    const offer = await signInOffer();
    if (offer.demo) this.session = await data(api.POST("/api/v1/session/demo", {}));
  }

  /** Takes a new session and goes on. */
  enter(session: Session, to: string) {
    forget();
    remember(true);
    this.session = session;
    // The page of an app's request is no view: the server sends it.
    if (match(to.split(/[?#]/)[0]!).view === "missing") location.replace(to);
    else address.go(to, { replace: true });
  }

  async signOut() {
    await data(api.DELETE("/api/v1/session", {})).catch(() => {});
    forget();
    remember(false);
    this.session = null;
    address.go("/signin", { replace: true });
  }

  toSignIn() {
    if (["signin", "welcome"].includes(address.route.view)) return;
    const here = address.path + address.search;
    address.go(`/signin?next=${encodeURIComponent(here)}`, { replace: true });
  }
}

const KEY = "rollcall-signed-in";

/** Whether somebody signed in with this browser before. The session itself is in a cookie that scripts cannot read. */
function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function remember(signedIn: boolean) {
  try {
    if (signedIn) localStorage.setItem(KEY, "yes");
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage, each visit is a first one.
  }
}

/** Returns the session; null if nobody is signed in. */
async function current(): Promise<Session | null> {
  const { data: session, error, response } = await api.GET("/api/v1/session", {});
  if (response.ok) return session ?? null;
  if (response.status === 401) return null;
  throw Problem.of(response, error?.message);
}

/** What the sign-in page offers. */
export const signInOffer = (): Promise<SignIn> => data(api.GET("/api/v1/sign-in", {}));

export const reader = new Reader();

onSignedOut(() => {
  if (!reader.session) return;
  reader.session = null;
  reader.toSignIn();
});
