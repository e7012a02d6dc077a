#!/usr/bin/env Rscript
# Get an access token
# POST /oauth/token
#
# It also takes:
#   account_id: With `account_credentials`: the account's id.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, where no Basic header names it.
# With the packages curl and jsonlite.

for (package in c("jsonlite", "curl")) {
  if (!requireNamespace(package, quietly = TRUE)) stop("R has no package ", package, ": install it with install.packages(\"", package, "\")")
}

write_line <- function(text, to) {
  writeLines(enc2utf8(text), to, useBytes = TRUE)
}

fail <- function(message) {
  write_line(message, stderr())
  quit(status = 1)
}

is_object <- function(value) is.list(value) && !is.null(names(value))

is_array <- function(value) is.list(value) && is.null(names(value))

# Prints a value on one line; nothing if there is none.
show_value <- function(place, value) {
  if (is.null(value)) return(invisible())
  text <- if (is.list(value)) as.character(jsonlite::toJSON(value, auto_unbox = TRUE, digits = 15, null = "null"))
    else if (is.logical(value)) tolower(value)
    else if (is.numeric(value)) format(value, digits = 15, scientific = FALSE)
    else value
  for (escape in list(c("\\", "\\\\"), c("\n", "\\n"), c("\r", "\\r"))) {
    text <- gsub(escape[1], escape[2], text, fixed = TRUE)
  }
  write_line(paste0(place, ": ", text), stdout())
}

# Lists stay lists. Whole numbers that a double would round are put in quotes.
parse <- function(text) {
  tokens <- "(\"[^\"\\\\]*(?:\\\\.[^\"\\\\]*)*\")|(-?[0-9.eE+-]{16,})"
  text <- gsub(tokens, "\\1\001\\2\002", text, perl = TRUE)
  text <- gsub("\001\002", "", text, fixed = TRUE)
  text <- gsub("\001(-?[0-9]+)\002", "\"\\1\"", text)
  jsonlite::fromJSON(gsub("[\001\002]", "", text), simplifyVector = FALSE)
}

# A variable of the environment.
setting <- function(name) {
  value <- Sys.getenv(name)
  if (value == "") fail(paste("set", name, "in the environment"))
  value
}

# Percent-encodes all but letters, digits and -._~.
encode <- function(text) {
  bytes <- charToRaw(enc2utf8(text))
  plain <- bytes %in% charToRaw("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
  paste(ifelse(plain, rawToChar(bytes, multiple = TRUE), paste0("%", toupper(as.character(bytes)))), collapse = "")
}

# The parameters as a query or a form.
pairs_of <- function(parameters) {
  paste(vapply(parameters, function(p) paste0(encode(p[1]), "=", paste(vapply(p[-1], encode, ""), collapse = ",")), ""), collapse = "&")
}

# A header of the answer; "" where it has none.
answered_header <- function(response, name) {
  headers <- curl::parse_headers_list(response$headers)
  found <- headers[names(headers) == name]
  if (length(found) > 0) paste(unlist(found), collapse = ", ") else ""
}

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
wait_seconds <- function(response) {
  retry_after <- answered_header(response, "retry-after")
  if (grepl("^[0-9]+$", retry_after)) return(as.numeric(retry_after))
  zone <- sub("^.{19}(\\.[0-9]+)?", "", retry_after)
  instant <- as.POSIXct(substr(retry_after, 1, 19), format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")
  if (is.na(instant)) return(1)
  offset <- 0
  if (grepl("^[+-][0-9]{2}:[0-9]{2}$", zone)) {
    parts <- as.numeric(strsplit(substring(zone, 2), ":")[[1]])
    offset <- (parts[1] * 3600 + parts[2] * 60) * (if (startsWith(zone, "-")) -1 else 1)
  }
  max(0, as.numeric(instant) - offset + 1 - as.numeric(Sys.time()))
}

# How long a server may take to answer.
timeout_seconds <- 60

# A good answer; after 429 it waits and asks again, at most five times.
send <- function(url, headers, content) {
  for (attempt in 0:5) {
    handle <- curl::new_handle(customrequest = "POST", timeout = timeout_seconds)
    curl::handle_setheaders(handle, .list = headers)
    if (is.character(content)) content <- charToRaw(enc2utf8(content))
    if (!is.null(content)) curl::handle_setopt(handle, postfieldsize = length(content), copypostfields = content)
    response <- tryCatch(
      curl::curl_fetch_memory(url, handle = handle),
      error = function(error) fail(paste0(url, ": ", conditionMessage(error)))
    )
    if (response$status_code >= 200 && response$status_code < 300) return(response)
    if (response$status_code != 429 || attempt == 5) {
      fail(paste0("HTTP ", response$status_code, ": ", text_of(response)))
    }
    seconds <- wait_seconds(response)
    write_line(sprintf("429: waiting %.0f s", seconds), stderr())
    Sys.sleep(seconds)
  }
}

text_of <- function(response) {
  text <- rawToChar(response$content)
  Encoding(text) <- "UTF-8"
  text
}

base_url <- sub("/+$", "", setting("API_BASE_URL"))
grant_type <- "account_credentials"

headers <- list()
headers[["Accept"]] <- "application/json"
credentials <- paste0(setting("API_CLIENT_ID"), ":", setting("API_CLIENT_SECRET"))
headers[["Authorization"]] <- paste("Basic", gsub("\n", "", jsonlite::base64_enc(charToRaw(credentials))))
headers[["Content-Type"]] <- "application/x-www-form-urlencoded"
content <- pairs_of(list(c("grant_type", grant_type)))

path <- paste0("/oauth/token")
query <- list()
url <- paste0(base_url, path, if (length(query) > 0) paste0("?", pairs_of(query)))
response <- send(url, headers, content)
text <- text_of(response)
answer <- tryCatch(
  parse(text),
  error = function(error) fail(paste0("the answer is not JSON (", conditionMessage(error), "): ", text))
)
access_token <- answer[["access_token"]]
show_value("access_token", access_token)
api_url <- answer[["api_url"]]
show_value("api_url", api_url)
expires_in <- answer[["expires_in"]]
show_value("expires_in", expires_in)
refresh_token <- answer[["refresh_token"]]
show_value("refresh_token", refresh_token)
scope <- answer[["scope"]]
show_value("scope", scope)
token_type <- answer[["token_type"]]
show_value("token_type", token_type)
