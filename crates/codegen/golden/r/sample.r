#!/usr/bin/env Rscript
# Reads JSON that is built like the sample
# Reads standard input. Needs the package jsonlite.

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

# The types of the response, in the order in which they are printed. NULL is any JSON.
answer_row <- list(
  "id" = integer(),
  "note" = character()
)
owner <- list(
  "id" = character(),
  "class" = NULL
)
answer <- list(
  "id" = integer(),
  "2nd-name" = character(),
  "class" = logical(),
  "mean" = numeric(),
  "tags" = list(character()),
  "grid" = list(list(integer())),
  "owner" = owner,
  "rows" = list(answer_row),
  "userName" = character(),
  "user_name" = character()
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
    fail(paste0("standard input is not JSON (", conditionMessage(error), ")"))
  })
}

input <- readLines(file("stdin", encoding = "UTF-8"), warn = FALSE)
show_value("", parse(paste(input, collapse = "\n")), answer)
