#!/usr/bin/env tclsh
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
# Needs Tcl 8.6 with tcllib, and tcl-tls for HTTPS.
encoding system utf-8

if {[catch {package require json}]} {
    puts stderr "Tcl has no package json: install tcllib"
    exit 1
}
package require http

proc fail {message} {
    puts stderr $message
    exit 1
}

# The types of the response, in the order in which they are printed.
set answer [list OBJECT [list \
    "access_token" TEXT \
    "api_url" TEXT \
    "expires_in" INTEGER \
    "refresh_token" TEXT \
    "scope" TEXT \
    "token_type" TEXT \
]]

# JSON with explicit types: {TEXT …}, {SCALAR …}, {OBJECT {name value …} JSON}, {ARRAY {value …} JSON}.
proc parse {text} {
    set position 0
    if {[catch {
        if {[llength [json::json2dict "\[$text\]"]] != 1} {
            error "more than one value"
        }
        typed $text position
    } value]} {
        fail "the response is not JSON ($value): $text"
    }
    return $value
}

# Returns the value at a position and moves the position past it. json::json2dict has already checked the syntax.
proc typed {text place} {
    upvar 1 $place position
    set tokens {\s*("(?:[^"\\]|\\.)*"|[^\s\[\]{}:,"]+|[\[\]{}:,])}
    if {![regexp -indices -start $position $tokens $text -> token]} {
        error "unexpected end"
    }
    set word [string range $text {*}$token]
    set start [lindex $token 0]
    set position [expr {[lindex $token 1] + 1}]
    switch -- [string index $word 0] {
        "\"" { return [list TEXT [lindex [json::json2dict "\[$word\]"] 0]] }
        "\[" {
            set values {}
            while {[next $text position] ne "\]"} {
                if {[next $text position] eq ","} { incr position }
                lappend values [typed $text position]
            }
            incr position
            return [list ARRAY $values [string range $text $start $position-1]]
        }
        "\{" {
            set members [dict create]
            while {[next $text position] ne "\}"} {
                if {[next $text position] eq ","} { incr position }
                set name [lindex [typed $text position] 1]
                next $text position
                incr position
                dict set members $name [typed $text position]
            }
            incr position
            return [list OBJECT $members [string range $text $start $position-1]]
        }
        default { return [list SCALAR $word] }
    }
}

# Moves the position to the next character that is not a blank, and returns it.
proc next {text place} {
    upvar 1 $place position
    regexp -indices -start $position {\s*(\S)} $text -> found
    set position [lindex $found 0]
    return [string index $text $position]
}

proc is {type value} {
    return [expr {[lindex $value 0] eq $type}]
}

# Returns a member of an object, or a value without a type if there is none.
proc member {object name} {
    if {[is OBJECT $object] && [dict exists [lindex $object 1] $name]} {
        return [dict get [lindex $object 1] $name]
    }
    return {NONE {}}
}

proc escaped {text} {
    return [string map [list \\ \\\\ \n \\n \r \\r] $text]
}

# Prints each value of a type on its own line, and nothing for absent values.
proc show {place value type} {
    lassign $value kind content json
    switch [lindex $type 0] {
        LIST {
            if {[is ARRAY $value]} {
                set index 0
                foreach element $content {
                    show "$place\[$index\]" $element [lindex $type 1]
                    incr index
                }
            }
        }
        OBJECT {
            foreach {name member_type} [lindex $type 1] {
                set label [expr {$place eq "" ? [escaped $name] : "$place.[escaped $name]"}]
                show $label [member $value $name] $member_type
            }
        }
        default {
            switch $kind {
                OBJECT - ARRAY { puts "$place: [string map [list \\ \\\\ \n "" \r ""] $json]" }
                TEXT { puts "$place: [escaped $content]" }
                SCALAR { if {$content ne "null"} { puts "$place: $content" } }
            }
        }
    }
}

# Returns an environment variable.
proc setting {name} {
    if {![info exists ::env($name)] || $::env($name) eq ""} {
        fail "set $name in the environment"
    }
    return $::env($name)
}

# Percent-encodes everything but letters, digits and -._~
proc encode {text} {
    set encoded ""
    foreach byte [split [encoding convertto utf-8 $text] ""] {
        if {[regexp {^[A-Za-z0-9._~-]$} $byte]} {
            append encoded $byte
        } else {
            append encoded [format %%%02X [scan $byte %c]]
        }
    }
    return $encoded
}

# Writes parameters as a query or a form.
proc pairs {parameters} {
    set encoded {}
    foreach parameter $parameters {
        set values [lassign $parameter name]
        lappend encoded [encode $name]=[join [lmap value $values {encode $value}] ,]
    }
    return [join $encoded &]
}

# Returns a header of a response, however its name is capitalized.
proc header {token name} {
    foreach {key value} [http::meta $token] {
        if {[string equal -nocase $key $name]} {
            return $value
        }
    }
    return ""
}

# Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
proc wait_seconds {token} {
    set retry_after [header $token Retry-After]
    if {[string is digit -strict $retry_after]} {
        return $retry_after
    }
    if {[regexp {^(\d+-\d+-\d+)T(\d+:\d+:\d+)(?:\.\d+)?(?:Z|([+-]\d\d):?(\d\d))$} $retry_after -> day clock hours minutes]} {
        set zone [string cat $hours $minutes]
        if {$zone eq ""} {
            set zone +0000
        }
        set until [clock scan "$day $clock $zone" -format "%Y-%m-%d %H:%M:%S %z"]
        return [expr {max(0, $until + 1 - [clock seconds])}]
    }
    return 1
}

# Maximum time for a response, in seconds.
set timeout_seconds 60

# Sends the request and returns a successful response. Retries up to five times after 429.
proc send {url options} {
    lappend options -timeout [expr {$::timeout_seconds * 1000}]
    for {set attempt 0} {1} {incr attempt} {
        if {[catch {http::geturl $url {*}$options} token]} {
            fail $token
        }
        if {[http::status $token] ne "ok"} {
            fail "$url: [http::status $token] [http::error $token]"
        }
        set status [http::ncode $token]
        if {$status >= 200 && $status < 300} {
            return $token
        }
        if {$status != 429 || $attempt == 5} {
            fail "HTTP $status: [body $token]"
        }
        set seconds [wait_seconds $token]
        puts stderr "429: waiting $seconds s"
        after [expr {$seconds * 1000}]
        http::cleanup $token
    }
}

# Returns the body of a response. JSON is UTF-8, which Tcl assumes only if the server says so.
proc body {token} {
    set data [http::data $token]
    if {[string match -nocase *charset=* [header $token Content-Type]]} {
        return $data
    }
    return [encoding convertfrom utf-8 $data]
}

# Get an access token.
proc request_create_token {{grant_type "account_credentials"}} {
    set base_url [string trimright [setting API_BASE_URL] /]
    if {[string match https:* $base_url]} {
        if {[catch {package require tls}]} {
            fail "Tcl has no package tls: install tcl-tls"
        }
        http::register https 443 [list tls::socket -autoservername true -require true -cadir /etc/ssl/certs]
    }
    set path [string cat "/oauth/token"]
    set headers [list Accept "application/json"]
    set credentials "[setting API_CLIENT_ID]:[setting API_CLIENT_SECRET]"
    lappend headers Authorization "Basic [binary encode base64 [encoding convertto utf-8 $credentials]]"
    set options [list -method "POST" -headers $headers]
    lappend options -type application/x-www-form-urlencoded
    lappend options -query [pairs [list [list "grant_type" $grant_type]]]
    set url $base_url$path
    set response [send $url $options]
    return [parse [body $response]]
}

fconfigure stdout -encoding utf-8 -translation lf
show "" [request_create_token] $answer
