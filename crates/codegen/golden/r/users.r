#!/usr/bin/env Rscript
# List users
# GET /v2/users
#
# Optional parameters:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
#   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
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
license_info_list_item <- list(
  "license_option" = integer(),
  "license_type" = character(),
  "subscription_id" = character()
)
custom_attribute <- list(
  "key" = character(),
  "name" = character(),
  "value" = character()
)
user <- list(
  "created_at" = character(),
  "custom_attributes" = list(custom_attribute),
  "dept" = character(),
  "display_name" = character(),
  "division_ids" = list(character()),
  "email" = character(),
  "employee_unique_id" = character(),
  "first_name" = character(),
  "group_ids" = list(character()),
  "host_key" = character(),
  "id" = character(),
  "im_group_ids" = list(character()),
  "last_client_version" = character(),
  "last_login_time" = character(),
  "last_name" = character(),
  "license_info_list" = list(license_info_list_item),
  "plan_united_type" = character(),
  "pmi" = integer(),
  "role_id" = character(),
  "status" = character(),
  "timezone" = character(),
  "type" = integer(),
  "user_created_at" = character(),
  "verified" = integer()
)
answer <- list(
  "next_page_token" = character(),
  "page_count" = integer(),
  "page_size" = integer(),
  "total_records" = integer(),
  "page_number" = integer(),
  "users" = list(user)
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

# How many elements of each list have been printed: a list continues on the next page.
printed <- new.env()

# Prints each value of a type on its own line, and nothing for absent values.
show_value <- function(place, value, type) {
  if (is.null(value)) {
    return(invisible())
  }
  if (!is.list(type)) {
    write_line(paste0(place, ": ", formatted(value)), stdout())
  } else if (is_array(type)) {
    if (!is_array(value)) return(invisible())
    first <- get0(paste0("list ", place), printed, inherits = FALSE, ifnotfound = 0)
    for (index in seq_along(value)) {
      show_value(sprintf("%s[%d]", place, first + index - 1), value[[index]], type[[1]])
    }
    assign(paste0("list ", place), first + length(value), printed)
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
    handle <- curl::new_handle(customrequest = "GET", timeout = timeout_seconds)
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

# List users: calls a function with each page.
users <- function(on_page) {
  base_url <- sub("/+$", "", setting("API_BASE_URL"))
  path <- paste0("/v2/users")
  headers <- list(
    "Accept" = "application/json",
    "Authorization" = paste("Bearer", setting("API_TOKEN"))
  )
  query <- list()
  url <- paste0(base_url, path)
  while (url != "") {
    response <- send(url, headers)
    page <- parse(text_of(response))
    on_page(page)
    token <- if (is_object(page)) page[["next_page_token"]]
    has_next <- is.character(token) && token != ""
    url <- if (has_next) paste0(base_url, path, "?", pairs_of(c(query, list(c("next_page_token", token))))) else ""
  }
}

users(function(page) show_value("", page, answer))
