#!/usr/bin/env Rscript
# Get an access token
# POST /oauth/token
#
# Optional parameters:
#   account_id: With `account_credentials`: the account's id.
#   code: With `authorization_code`: the code. It is valid once, for five minutes.
#   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
#   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, if there is no Basic header.
# Needs the packages curl and jsonlite.

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

# The types of the response, in the order in which they are printed. NULL is any JSON.
answer <- list(
  "access_token" = character(),
  "api_url" = character(),
  "expires_in" = integer(),
  "refresh_token" = character(),
  "scope" = character(),
  "token_type" = character()
)

is_object <- function(value) is.list(value) && !is.null(names(value))

is_array <- function(value) is.list(value) && is.null(names(value))

escaped <- function(text) {
  for (escape in list(c("\\", "\\\\"), c("\n", "\\n"), c("\r", "\\r"))) {
    text <- gsub(escape[1], escape[2], text, fixed = TRUE)
  }
  text
}

formatted <- function(value) {
  if (is.list(value)) {
    escaped(as.character(jsonlite::toJSON(value, auto_unbox = TRUE, digits = 15, null = "null")))
  } else if (is.logical(value)) {
    tolower(value)
  } else if (is.numeric(value)) {
    format(value, digits = 15, scientific = FALSE)
  } else {
    escaped(value)
  }
}

# Prints each value of a type on its own line, and nothing for absent values.
show_value <- function(place, value, type) {
  if (is.null(value)) {
    return(invisible())
  }
  if (!is.list(type)) {
    write_line(paste0(place, ": ", formatted(value)), stdout())
  } else if (is_array(type)) {
    if (!is_array(value)) return(invisible())
    for (index in seq_along(value)) {
      show_value(sprintf("%s[%d]", place, index - 1), value[[index]], type[[1]])
    }
  } else if (is_object(value)) {
    for (index in seq_along(type)) {
      name <- names(type)[index]
      label <- if (place == "") escaped(name) else paste0(place, ".", escaped(name))
      show_value(label, value[[name]], type[[index]])
    }
  }
}

# Parses JSON. Lists stay lists. Integers that a double would round are put in quotes first.
parse <- function(text) {
  tokens <- "(\"[^\"\\\\]*(?:\\\\.[^\"\\\\]*)*\")|(-?[0-9.eE+-]{16,})"
  text <- gsub(tokens, "\\1\001\\2\002", text, perl = TRUE)
  text <- gsub("\001\002", "", text, fixed = TRUE)
  text <- gsub("\001(-?[0-9]+)\002", "\"\\1\"", text)
  marked <- gsub("[\001\002]", "", text)
  tryCatch(jsonlite::fromJSON(marked, simplifyVector = FALSE), error = function(error) {
    fail(paste0("the response is not JSON (", conditionMessage(error), "): ", text))
  })
}

# Returns an environment variable.
setting <- function(name) {
  value <- Sys.getenv(name)
  if (value == "") fail(paste("set", name, "in the environment"))
  value
}

# Percent-encodes everything but letters, digits and -._~
encode <- function(text) {
  bytes <- charToRaw(enc2utf8(text))
  plain <- bytes %in% charToRaw("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
  paste(ifelse(plain, rawToChar(bytes, multiple = TRUE), paste0("%", toupper(as.character(bytes)))), collapse = "")
}

# Writes parameters as a query or a form.
pairs_of <- function(parameters) {
  paste(vapply(parameters, function(p) paste0(encode(p[1]), "=", paste(vapply(p[-1], encode, ""), collapse = ",")), ""), collapse = "&")
}

# Returns a header of a response, "" if there is none.
header_of <- function(response, name) {
  headers <- curl::parse_headers_list(response$headers)
  found <- headers[names(headers) == name]
  if (length(found) > 0) paste(unlist(found), collapse = ", ") else ""
}

# Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
wait_seconds <- function(response) {
  retry_after <- header_of(response, "retry-after")
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

# Maximum time for a response, in seconds.
timeout_seconds <- 60

# Sends the request and returns a successful response. Retries up to five times after 429.
send <- function(url, headers, content = NULL) {
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

# Get an access token.
create_token <- function(grant_type = "account_credentials") {
  base_url <- sub("/+$", "", setting("API_BASE_URL"))
  path <- paste0("/oauth/token")
  credentials <- paste0(setting("API_CLIENT_ID"), ":", setting("API_CLIENT_SECRET"))
  headers <- list(
    "Accept" = "application/json",
    "Authorization" = paste("Basic", gsub("\n", "", jsonlite::base64_enc(charToRaw(credentials)))),
    "Content-Type" = "application/x-www-form-urlencoded"
  )
  content <- pairs_of(list(c("grant_type", grant_type)))
  url <- paste0(base_url, path)
  text <- text_of(send(url, headers, content))
parse(text)
}

show_value("", create_token(), answer)
