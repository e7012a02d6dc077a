#!/usr/bin/env Rscript
# List users
# GET /v2/users
#
# It also takes:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records a page, 30 by default, at most 2000; more means 2000.
#   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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

base_url <- sub("/+$", "", setting("API_BASE_URL"))

headers <- list()
headers[["Accept"]] <- "application/json"
headers[["Authorization"]] <- paste("Bearer", setting("API_TOKEN"))
content <- NULL

path <- paste0("/v2/users")
query <- list()
url <- paste0(base_url, path, if (length(query) > 0) paste0("?", pairs_of(query)))
user_count <- 0L
while (url != "") {
  response <- send(url, headers, content)
  text <- text_of(response)
  answer <- tryCatch(
    parse(text),
    error = function(error) fail(paste0("the answer is not JSON (", conditionMessage(error), "): ", text))
  )
  next_page_token <- answer[["next_page_token"]]
  show_value("next_page_token", next_page_token)
  page_count <- answer[["page_count"]]
  show_value("page_count", page_count)
  page_size <- answer[["page_size"]]
  show_value("page_size", page_size)
  total_records <- answer[["total_records"]]
  show_value("total_records", total_records)
  page_number <- answer[["page_number"]]
  show_value("page_number", page_number)
  users_value <- answer[["users"]]
  if (is_array(users_value)) {
    for (user_index in seq_along(users_value)) {
      user <- users_value[[user_index]]
      if (!is_object(user)) next
      created_at <- user[["created_at"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].created_at"), created_at)
      custom_attributes <- user[["custom_attributes"]]
      if (is_array(custom_attributes)) {
        for (custom_attribute_index in seq_along(custom_attributes)) {
          custom_attribute <- custom_attributes[[custom_attribute_index]]
          if (!is_object(custom_attribute)) next
          key <- custom_attribute[["key"]]
          show_value(paste0("users[", user_count + user_index - 1L, "].custom_attributes[", custom_attribute_index - 1L, "].key"), key)
          custom_attribute_name <- custom_attribute[["name"]]
          show_value(paste0("users[", user_count + user_index - 1L, "].custom_attributes[", custom_attribute_index - 1L, "].name"), custom_attribute_name)
          custom_attribute_value <- custom_attribute[["value"]]
          show_value(paste0("users[", user_count + user_index - 1L, "].custom_attributes[", custom_attribute_index - 1L, "].value"), custom_attribute_value)
        }
      }
      dept <- user[["dept"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].dept"), dept)
      display_name <- user[["display_name"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].display_name"), display_name)
      division_ids <- user[["division_ids"]]
      if (is_array(division_ids)) {
        for (division_id_index in seq_along(division_ids)) {
          division_id <- division_ids[[division_id_index]]
          show_value(paste0("users[", user_count + user_index - 1L, "].division_ids[", division_id_index - 1L, "]"), division_id)
        }
      }
      email <- user[["email"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].email"), email)
      employee_unique_id <- user[["employee_unique_id"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].employee_unique_id"), employee_unique_id)
      first_name <- user[["first_name"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].first_name"), first_name)
      group_ids <- user[["group_ids"]]
      if (is_array(group_ids)) {
        for (group_id_index in seq_along(group_ids)) {
          group_id <- group_ids[[group_id_index]]
          show_value(paste0("users[", user_count + user_index - 1L, "].group_ids[", group_id_index - 1L, "]"), group_id)
        }
      }
      host_key <- user[["host_key"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].host_key"), host_key)
      id <- user[["id"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].id"), id)
      im_group_ids <- user[["im_group_ids"]]
      if (is_array(im_group_ids)) {
        for (im_group_id_index in seq_along(im_group_ids)) {
          im_group_id <- im_group_ids[[im_group_id_index]]
          show_value(paste0("users[", user_count + user_index - 1L, "].im_group_ids[", im_group_id_index - 1L, "]"), im_group_id)
        }
      }
      last_client_version <- user[["last_client_version"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].last_client_version"), last_client_version)
      last_login_time <- user[["last_login_time"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].last_login_time"), last_login_time)
      last_name <- user[["last_name"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].last_name"), last_name)
      license_info_list <- user[["license_info_list"]]
      if (is_array(license_info_list)) {
        for (license_info_list_item_index in seq_along(license_info_list)) {
          license_info_list_item <- license_info_list[[license_info_list_item_index]]
          if (!is_object(license_info_list_item)) next
          license_option <- license_info_list_item[["license_option"]]
          show_value(paste0("users[", user_count + user_index - 1L, "].license_info_list[", license_info_list_item_index - 1L, "].license_option"), license_option)
          license_type <- license_info_list_item[["license_type"]]
          show_value(paste0("users[", user_count + user_index - 1L, "].license_info_list[", license_info_list_item_index - 1L, "].license_type"), license_type)
          subscription_id <- license_info_list_item[["subscription_id"]]
          show_value(paste0("users[", user_count + user_index - 1L, "].license_info_list[", license_info_list_item_index - 1L, "].subscription_id"), subscription_id)
        }
      }
      plan_united_type <- user[["plan_united_type"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].plan_united_type"), plan_united_type)
      pmi <- user[["pmi"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].pmi"), pmi)
      role_id <- user[["role_id"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].role_id"), role_id)
      user_status <- user[["status"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].status"), user_status)
      timezone <- user[["timezone"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].timezone"), timezone)
      user_type <- user[["type"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].type"), user_type)
      user_created_at <- user[["user_created_at"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].user_created_at"), user_created_at)
      verified <- user[["verified"]]
      show_value(paste0("users[", user_count + user_index - 1L, "].verified"), verified)
    }
    user_count <- user_count + length(users_value)
  }

  # The next page, if there is one.
  token <- answer[["next_page_token"]]
  has_next <- is.character(token) && token != ""
  url <- if (has_next) paste0(base_url, path, "?", pairs_of(c(query, list(c("next_page_token", token))))) else ""
}
