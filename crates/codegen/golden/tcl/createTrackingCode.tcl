#!/usr/bin/env tclsh
# Create a tracking code
# POST /v1/admin/meeting/config/trackingCodes
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
    set headers [list Accept "application/json"]
    lappend headers Authorization $::authorization
    set options [list -method "POST" -headers $headers -timeout [expr {$::timeout_seconds * 1000}]]
    lappend options -type "application/json"
    lappend options -query [encoding convertto utf-8 "\{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": \[\n    \{\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    \},\n    \{\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    \},\n    \{\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    \}\n  \],\n  \"scheduleStartCodes\": \[\n    \{\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    \},\n    \{\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    \}\n  \],\n  \"siteUrl\": \"example.webex.com\"\n\}"]
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
set authorization "Bearer [setting API_TOKEN]"

fconfigure stdout -encoding utf-8 -translation lf
set path [string cat "/v1/admin/meeting/config/trackingCodes"]
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
set host_profile_code [member $answer "hostProfileCode"]
show "hostProfileCode" $host_profile_code
set id [member $answer "id"]
show "id" $id
set input_mode [member $answer "inputMode"]
show "inputMode" $input_mode
set name_value [member $answer "name"]
show "name" $name_value
set options_value [member $answer "options"]
set option_index 0
foreach option [elements $options_value] {
    set default_value [member $option "defaultValue"]
    show [string cat "options\[" $option_index "\].defaultValue"] $default_value
    set option_value [member $option "value"]
    show [string cat "options\[" $option_index "\].value"] $option_value
    incr option_index
}
set schedule_start_codes [member $answer "scheduleStartCodes"]
set schedule_start_code_index 0
foreach schedule_start_code [elements $schedule_start_codes] {
    set service [member $schedule_start_code "service"]
    show [string cat "scheduleStartCodes\[" $schedule_start_code_index "\].service"] $service
    set schedule_start_code_type [member $schedule_start_code "type"]
    show [string cat "scheduleStartCodes\[" $schedule_start_code_index "\].type"] $schedule_start_code_type
    incr schedule_start_code_index
}
set site_url [member $answer "siteUrl"]
show "siteUrl" $site_url
