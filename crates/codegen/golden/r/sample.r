#!/usr/bin/env Rscript
# Reads JSON that is built like the sample
# Reads standard input. With the package jsonlite.

for (package in c("jsonlite")) {
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

input <- readLines(file("stdin", encoding = "UTF-8"), warn = FALSE)
answer <- parse(paste(input, collapse = "\n"))
id <- answer[["id"]]
show_value("id", id)
field_2nd_name <- answer[["2nd-name"]]
show_value("2nd-name", field_2nd_name)
class <- answer[["class"]]
show_value("class", class)
mean <- answer[["mean"]]
show_value("mean", mean)
tags <- answer[["tags"]]
if (is_array(tags)) {
  for (tag_index in seq_along(tags)) {
    tag <- tags[[tag_index]]
    show_value(paste0("tags[", tag_index - 1L, "]"), tag)
  }
}
grid <- answer[["grid"]]
if (is_array(grid)) {
  for (grid_item_index in seq_along(grid)) {
    grid_item <- grid[[grid_item_index]]
    inner <- grid_item
    if (is_array(inner)) {
      for (inner_item_index in seq_along(inner)) {
        inner_item <- inner[[inner_item_index]]
        show_value(paste0("grid[", grid_item_index - 1L, "][", inner_item_index - 1L, "]"), inner_item)
      }
    }
  }
}
owner <- answer[["owner"]]
if (is_object(owner)) {
  owner_id <- owner[["id"]]
  show_value("owner.id", owner_id)
  owner_class <- owner[["class"]]
  show_value("owner.class", owner_class)
}
rows <- answer[["rows"]]
if (is_array(rows)) {
  for (row_index in seq_along(rows)) {
    row <- rows[[row_index]]
    if (!is_object(row)) next
    row_id <- row[["id"]]
    show_value(paste0("rows[", row_index - 1L, "].id"), row_id)
    note <- row[["note"]]
    show_value(paste0("rows[", row_index - 1L, "].note"), note)
  }
}
user_name <- answer[["userName"]]
show_value("userName", user_name)
user_name_value <- answer[["user_name"]]
show_value("user_name", user_name_value)
