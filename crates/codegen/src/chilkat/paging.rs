//! Paging, which the documents' programs lack.

use std::collections::HashSet;

use super::{
    Writer, address,
    program::{Argument, Step, call, get, method, text_call, variable},
    reading,
};
use crate::{
    model::{Operation, Paging, Parameter, Place, Request},
    name::Case,
};

/// The names of the variables for paging.
pub(super) const OWN: [&str; 12] = [
    "until",
    "now",
    "hasnext",
    "attempts",
    "seconds",
    "url",
    "retryafter",
    "sbretryafter",
    "isinstant",
    "nexttoken",
    "link",
    "sblink",
];

/// Maximum number of retries after status 429.
const ATTEMPTS: i64 = 5;

fn truth(value: bool) -> Argument {
    Argument { boolean: Some(value), ..Argument::default() }
}

fn number(value: i64) -> Argument {
    Argument { integer: Some(value), ..Argument::default() }
}

impl Writer {
    /// Returns the program for a list: a loop that requests a page, waits after status 429, and reads the fields.
    pub(super) fn pages(&mut self, operation: &Operation, request: &Request, case: Case, reserved: &HashSet<String>) {
        self.new_object("http", "CkHttp");
        let by_token = operation.paging == Paging::Token;
        let in_query = |parameter: &&Parameter| parameter.place == Place::Query && parameter.is_shown();
        let query: Vec<&Parameter> = request.parameters.iter().filter(in_query).collect();
        if by_token {
            self.parameters(&query);
        }
        self.credentials(request);
        self.headers(request);
        for (name, class) in
            [("sbResponseBody", "CkStringBuilder"), ("jResp", "CkJsonObject"), ("sbRetryAfter", "CkStringBuilder")]
        {
            self.new_object(name, class);
        }
        for (name, class) in [("until", "CkDateTime"), ("now", "CkDateTime")] {
            self.new_object(name, class);
        }
        if !by_token {
            self.new_object("sbLink", "CkStringBuilder");
        }
        let address = address(operation, request, if by_token { &[] } else { &query });
        let first = self.text(&address);
        self.set("url", "text", first);
        self.set("attempts", "integer", number(0));
        self.set("hasNext", "boolean", truth(true));

        let fields = operation.shape.as_ref().map(|shape| reading::steps(self, shape, case, reserved));
        let before = std::mem::take(&mut self.steps);
        self.page(request, by_token);
        let mut page = std::mem::take(&mut self.steps);
        let good = self.good_page(by_token, fields.unwrap_or_default());
        let tries = self.wait();
        page.push(Step::IfEquals { variable: "respStatusCode".to_owned(), number: 429, body: tries, otherwise: good });
        page.push(Step::Delete { variable: "resp".to_owned(), class: "CkHttpResponse", on_exit: false });
        self.steps = before;
        self.comment("Reads the pages one after the other.");
        self.steps.push(Step::Repeat { variable: "hasNext".to_owned(), body: page });
        self.steps.push(Step::Blank);
        let live = std::mem::take(&mut self.live);
        let delete = |(variable, class)| Step::Delete { variable, class, on_exit: false };
        self.steps.extend(live.into_iter().map(delete));
    }

    fn set(&mut self, name: &str, kind: &'static str, value: Argument) {
        self.declare(name, kind);
        self.steps.push(Step::Set { variable: name.to_owned(), value });
    }

    /// Requests the page at `url`, and sets `respStatusCode`.
    fn page(&mut self, request: &Request, by_token: bool) {
        self.set("hasNext", "boolean", truth(false));
        let verb = self.text(&request.method);
        let sent = if by_token {
            let arguments = vec![verb, variable("url"), variable("queryParams")];
            method("CkHttp", "http", "QuickRequestParams", arguments)
        } else {
            method("CkHttp", "http", "QuickRequest", vec![verb, variable("url")])
        };
        self.send(sent);
        self.call(method("CkHttpResponse", "resp", "GetBodySb", vec![variable("sbResponseBody")]));
        self.assign("respStatusCode", "integer", get("CkHttpResponse", "resp", "StatusCode"));
        self.steps.push(Step::Blank);
    }

    /// Waits as `Retry-After` says: a number of seconds, or a time. Gives up after some attempts.
    fn wait(&mut self) -> Vec<Step> {
        let before = std::mem::take(&mut self.steps);
        self.steps.push(Step::Increment { variable: "attempts".to_owned() });
        let mut gives_up = vec![self.print("Failed: too many requests.")];
        gives_up.push(Step::Delete { variable: "resp".to_owned(), class: "CkHttpResponse", on_exit: true });
        self.exit(&mut gives_up);
        self.steps.push(Step::IfEquals {
            variable: "attempts".to_owned(),
            number: ATTEMPTS + 1,
            body: gives_up,
            otherwise: Vec::new(),
        });
        let header = vec![self.text("Retry-After")];
        let text = call("CkHttpResponse", "resp", "getHeaderField", "text", header);
        self.assign("retryAfter", "text", text);
        self.set("seconds", "integer", number(1));
        let mut told = Vec::new();
        std::mem::swap(&mut told, &mut self.steps);
        let arguments = vec![variable("retryAfter")];
        self.call(method("CkStringBuilder", "sbRetryAfter", "SetString", arguments));
        let arguments = vec![self.text("T"), truth(true)];
        self.assign("isInstant", "boolean", method("CkStringBuilder", "sbRetryAfter", "Contains", arguments));
        let mut reads = std::mem::take(&mut self.steps);
        self.call(method("CkDateTime", "until", "SetFromTimestamp", vec![variable("retryAfter")]));
        self.call(method("CkDateTime", "now", "SetFromCurrentSystemTime", Vec::new()));
        self.assign("seconds", "integer", method("CkDateTime", "until", "DiffSeconds", vec![variable("now")]));
        let instant = std::mem::take(&mut self.steps);
        self.assign("seconds", "integer", get("CkStringBuilder", "sbRetryAfter", "IntValue"));
        let plain = std::mem::replace(&mut self.steps, told);
        reads.push(Step::IfTrue { variable: "isInstant".to_owned(), body: instant, otherwise: plain });
        self.steps.push(Step::IfText { variable: "retryAfter".to_owned(), body: reads });
        self.steps.push(Step::Wait { variable: "seconds".to_owned() });
        self.set("hasNext", "boolean", truth(true));
        std::mem::replace(&mut self.steps, before)
    }

    /// Reads the fields of a page, and finds the next page.
    fn good_page(&mut self, by_token: bool, fields: Vec<Step>) -> Vec<Step> {
        let before = std::mem::take(&mut self.steps);
        if by_token {
            let token = vec![self.text("next_page_token")];
            let text = call("CkJsonObject", "jResp", "stringOf", "text", token);
            self.assign("nextToken", "text", text);
            let after = std::mem::take(&mut self.steps);
            let arguments = vec![self.text("next_page_token"), variable("nextToken")];
            self.call(method("CkJsonObject", "queryParams", "UpdateString", arguments));
            self.set("hasNext", "boolean", truth(true));
            let next = std::mem::replace(&mut self.steps, after);
            self.steps.push(Step::IfText { variable: "nextToken".to_owned(), body: next });
        } else {
            let link = vec![self.text("Link")];
            let text = call("CkHttpResponse", "resp", "getHeaderField", "text", link);
            self.assign("link", "text", text);
            let after = std::mem::take(&mut self.steps);
            self.call(method("CkStringBuilder", "sbLink", "SetString", vec![variable("link")]));
            let mark = ">; rel=\"next\"";
            let arguments = vec![self.text(mark), truth(true)];
            self.assign("hasNext", "boolean", method("CkStringBuilder", "sbLink", "Contains", arguments));
            let mut finds = std::mem::take(&mut self.steps);
            let cut = |name: &str, arguments: Vec<Argument>| call("CkStringBuilder", "sbLink", name, "text", arguments);
            let arguments = vec![self.text(mark), truth(false)];
            self.assign("link", "text", cut("getBefore", arguments));
            self.call(method("CkStringBuilder", "sbLink", "SetString", vec![variable("link")]));
            let arguments = vec![self.text("<"), truth(false)];
            self.assign("url", "text", cut("getAfterFinal", arguments));
            let found = std::mem::replace(&mut self.steps, after);
            finds.push(Step::IfTrue { variable: "hasNext".to_owned(), body: found, otherwise: Vec::new() });
            self.steps.push(Step::IfText { variable: "link".to_owned(), body: finds });
        }
        let next = std::mem::take(&mut self.steps);
        let mut bad = vec![self.print_call(text_call("CkStringBuilder", "sbResponseBody", "getAsString"))];
        bad.push(self.print("Failed."));
        bad.push(Step::Delete { variable: "resp".to_owned(), class: "CkHttpResponse", on_exit: true });
        self.exit(&mut bad);
        self.steps.push(Step::IfBadStatus { variable: "respStatusCode".to_owned(), body: bad });
        self.set("attempts", "integer", number(0));
        self.call(method("CkJsonObject", "jResp", "LoadSb", vec![variable("sbResponseBody")]));
        self.steps.push(Step::Blank);
        let first = std::mem::replace(&mut self.steps, before);
        first.into_iter().chain(fields).chain(next).collect()
    }
}
