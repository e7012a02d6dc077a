#!/usr/bin/env Rscript
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes
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

headers <- list()
headers[["Accept"]] <- "application/json"
headers[["Authorization"]] <- paste("Bearer", setting("API_TOKEN"))
headers[["Content-Type"]] <- "application/json"
content <- "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}"

path <- paste0("/v1/admin/meeting/config/trackingCodes")
query <- list()
url <- paste0(base_url, path, if (length(query) > 0) paste0("?", pairs_of(query)))
response <- send(url, headers, content)
text <- text_of(response)
answer <- tryCatch(
  parse(text),
  error = function(error) fail(paste0("the answer is not JSON (", conditionMessage(error), "): ", text))
)
host_profile_code <- answer[["hostProfileCode"]]
show_value("hostProfileCode", host_profile_code)
id <- answer[["id"]]
show_value("id", id)
input_mode <- answer[["inputMode"]]
show_value("inputMode", input_mode)
name_value <- answer[["name"]]
show_value("name", name_value)
options <- answer[["options"]]
if (is_array(options)) {
  for (option_index in seq_along(options)) {
    option <- options[[option_index]]
    if (!is_object(option)) next
    default_value <- option[["defaultValue"]]
    show_value(paste0("options[", option_index - 1L, "].defaultValue"), default_value)
    option_value <- option[["value"]]
    show_value(paste0("options[", option_index - 1L, "].value"), option_value)
  }
}
schedule_start_codes <- answer[["scheduleStartCodes"]]
if (is_array(schedule_start_codes)) {
  for (schedule_start_code_index in seq_along(schedule_start_codes)) {
    schedule_start_code <- schedule_start_codes[[schedule_start_code_index]]
    if (!is_object(schedule_start_code)) next
    service <- schedule_start_code[["service"]]
    show_value(paste0("scheduleStartCodes[", schedule_start_code_index - 1L, "].service"), service)
    schedule_start_code_type <- schedule_start_code[["type"]]
    show_value(paste0("scheduleStartCodes[", schedule_start_code_index - 1L, "].type"), schedule_start_code_type)
  }
}
site_url <- answer[["siteUrl"]]
show_value("siteUrl", site_url)
