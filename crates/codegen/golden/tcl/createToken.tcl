#!/usr/bin/env tclsh
# Get an access token
# POST /oauth/token
#
# It also takes:
#   account_id: With `account_credentials`: the account's id.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, where no Basic header names it.
# For Tcl 8.6 with tcllib, and tcl-tls where the server speaks HTTPS.
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

# JSON as a value that knows its type: {TEXT …}, {SCALAR …}, {OBJECT {name value …} JSON}, {ARRAY {value …} JSON}.
proc parse {text} {
    set parsed [json::json2dict "\[$text\]"]
    if {[llength $parsed] != 1} {
        error "it is not one value"
    }
    set position 0
    return [typed $text position]
}

# The value at a position, which moves behind it. json::json2dict has found the text well-formed; here its types are told.
proc typed {text place} {
    upvar 1 $place position
    set tokens {\s*("(?:[^"\\]|\\.)*"|[^\s\[\]{}:,"]+|[\[\]{}:,])}
    if {![regexp -indices -start $position $tokens $text -> token]} {
        error "it ends too early"
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

# The next character that is no blank; the position moves to it.
proc next {text place} {
    upvar 1 $place position
    regexp -indices -start $position {\s*(\S)} $text -> found
    set position [lindex $found 0]
    return [string index $text $position]
}

proc is {type value} {
    return [expr {[lindex $value 0] eq $type}]
}

# A member of an object; a value without a type where there is none.
proc member {object name} {
    if {[is OBJECT $object] && [dict exists [lindex $object 1] $name]} {
        return [dict get [lindex $object 1] $name]
    }
    return {NONE {}}
}

proc elements {array} {
    return [expr {[is ARRAY $array] ? [lindex $array 1] : {}}]
}

# Prints a value on one line; nothing if there is none.
proc show {place value} {
    lassign $value type text json
    if {$type in {OBJECT ARRAY}} {
        puts "$place: [string map [list \\ \\\\ \n "" \r ""] $json]"
    } elseif {$type eq "TEXT" || ($type eq "SCALAR" && $text ne "null")} {
        puts "$place: [string map [list \\ \\\\ \n \\n \r \\r] $text]"
    }
}

# A variable of the environment.
proc setting {name} {
    if {![info exists ::env($name)] || $::env($name) eq ""} {
        fail "set $name in the environment"
    }
    return $::env($name)
}

# Percent-encodes all but letters, digits and -._~.
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

# The parameters as a query or a form.
proc pairs {parameters} {
    set encoded {}
    foreach parameter $parameters {
        set values [lassign $parameter name]
        lappend encoded [encode $name]=[join [lmap value $values {encode $value}] ,]
    }
    return [join $encoded &]
}

# A header of an answer, in whichever case it is written.
proc header {token name} {
    foreach {key value} [http::meta $token] {
        if {[string equal -nocase $key $name]} {
            return $value
        }
    }
    return ""
}

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
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

# How long a server may take to answer.
set timeout_seconds 60

# A good answer; after 429 it waits and asks again, at most five times.
proc send {url} {
    global grant_type
    set headers [list Accept "application/json"]
    lappend headers Authorization $::authorization
    set options [list -method "POST" -headers $headers -timeout [expr {$::timeout_seconds * 1000}]]
    lappend options -type application/x-www-form-urlencoded
    lappend options -query [pairs [list [list "grant_type" $grant_type]]]
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

# The body of an answer. JSON is UTF-8, which Tcl does not know unless the server says so.
proc body {token} {
    set data [http::data $token]
    if {[string match -nocase *charset=* [header $token Content-Type]]} {
        return $data
    }
    return [encoding convertfrom utf-8 $data]
}

set base_url [string trimright [setting API_BASE_URL] /]
if {[string match https:* $base_url]} {
    if {[catch {package require tls}]} {
        fail "Tcl has no package tls: install tcl-tls"
    }
    http::register https 443 [list tls::socket -autoservername true -require true -cadir /etc/ssl/certs]
}
set credentials "[setting API_CLIENT_ID]:[setting API_CLIENT_SECRET]"
set authorization "Basic [binary encode base64 [encoding convertto utf-8 $credentials]]"
set grant_type "account_credentials"

fconfigure stdout -encoding utf-8 -translation lf
set path [string cat "/oauth/token"]
set query [list]
set url $base_url$path
if {[llength $query] > 0} {
    append url ? [pairs $query]
}
set response [send $url]
set text [body $response]
if {[catch {parse $text} answer]} {
    fail "the answer is not JSON ($answer): $text"
}
set access_token [member $answer "access_token"]
show "access_token" $access_token
set api_url [member $answer "api_url"]
show "api_url" $api_url
set expires_in [member $answer "expires_in"]
show "expires_in" $expires_in
set refresh_token [member $answer "refresh_token"]
show "refresh_token" $refresh_token
set scope [member $answer "scope"]
show "scope" $scope
set token_type [member $answer "token_type"]
show "token_type" $token_type
