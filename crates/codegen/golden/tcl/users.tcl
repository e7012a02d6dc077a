#!/usr/bin/env tclsh
# List users
# GET /v2/users
#
# It also takes:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records a page, 30 by default, at most 2000; more means 2000.
#   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
    set options [list -method "GET" -headers $headers -timeout [expr {$::timeout_seconds * 1000}]]
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
set path [string cat "/v2/users"]
set query [list]
set url $base_url$path
if {[llength $query] > 0} {
    append url ? [pairs $query]
}
set user_count 0
while {$url ne ""} {
    set response [send $url]
    set text [body $response]
    if {[catch {parse $text} answer]} {
        fail "the answer is not JSON ($answer): $text"
    }
    set next_page_token [member $answer "next_page_token"]
    show "next_page_token" $next_page_token
    set page_count [member $answer "page_count"]
    show "page_count" $page_count
    set page_size [member $answer "page_size"]
    show "page_size" $page_size
    set total_records [member $answer "total_records"]
    show "total_records" $total_records
    set page_number [member $answer "page_number"]
    show "page_number" $page_number
    set users_value [member $answer "users"]
    set user_index 0
    foreach user [elements $users_value] {
        set created_at [member $user "created_at"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].created_at"] $created_at
        set custom_attributes [member $user "custom_attributes"]
        set custom_attribute_index 0
        foreach custom_attribute [elements $custom_attributes] {
            set custom_attribute_key [member $custom_attribute "key"]
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].custom_attributes\[" $custom_attribute_index "\].key"] $custom_attribute_key
            set custom_attribute_name [member $custom_attribute "name"]
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].custom_attributes\[" $custom_attribute_index "\].name"] $custom_attribute_name
            set custom_attribute_value [member $custom_attribute "value"]
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].custom_attributes\[" $custom_attribute_index "\].value"] $custom_attribute_value
            incr custom_attribute_index
        }
        set dept [member $user "dept"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].dept"] $dept
        set display_name [member $user "display_name"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].display_name"] $display_name
        set division_ids [member $user "division_ids"]
        set division_id_index 0
        foreach division_id [elements $division_ids] {
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].division_ids\[" $division_id_index "\]"] $division_id
            incr division_id_index
        }
        set email [member $user "email"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].email"] $email
        set employee_unique_id [member $user "employee_unique_id"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].employee_unique_id"] $employee_unique_id
        set first_name [member $user "first_name"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].first_name"] $first_name
        set group_ids [member $user "group_ids"]
        set group_id_index 0
        foreach group_id [elements $group_ids] {
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].group_ids\[" $group_id_index "\]"] $group_id
            incr group_id_index
        }
        set host_key [member $user "host_key"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].host_key"] $host_key
        set id [member $user "id"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].id"] $id
        set im_group_ids [member $user "im_group_ids"]
        set im_group_id_index 0
        foreach im_group_id [elements $im_group_ids] {
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].im_group_ids\[" $im_group_id_index "\]"] $im_group_id
            incr im_group_id_index
        }
        set last_client_version [member $user "last_client_version"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].last_client_version"] $last_client_version
        set last_login_time [member $user "last_login_time"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].last_login_time"] $last_login_time
        set last_name [member $user "last_name"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].last_name"] $last_name
        set license_info_list [member $user "license_info_list"]
        set license_info_list_item_index 0
        foreach license_info_list_item [elements $license_info_list] {
            set license_option [member $license_info_list_item "license_option"]
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].license_info_list\[" $license_info_list_item_index "\].license_option"] $license_option
            set license_type [member $license_info_list_item "license_type"]
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].license_info_list\[" $license_info_list_item_index "\].license_type"] $license_type
            set subscription_id [member $license_info_list_item "subscription_id"]
            show [string cat "users\[" [expr {$user_count + $user_index}] "\].license_info_list\[" $license_info_list_item_index "\].subscription_id"] $subscription_id
            incr license_info_list_item_index
        }
        set plan_united_type [member $user "plan_united_type"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].plan_united_type"] $plan_united_type
        set pmi [member $user "pmi"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].pmi"] $pmi
        set role_id [member $user "role_id"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].role_id"] $role_id
        set user_status [member $user "status"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].status"] $user_status
        set timezone [member $user "timezone"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].timezone"] $timezone
        set user_type [member $user "type"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].type"] $user_type
        set user_created_at [member $user "user_created_at"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].user_created_at"] $user_created_at
        set verified [member $user "verified"]
        show [string cat "users\[" [expr {$user_count + $user_index}] "\].verified"] $verified
        incr user_index
    }
    incr user_count $user_index
    # The next page, if there is one.
    set token [lindex [member $answer "next_page_token"] 1]
    set url ""
    if {$token ne ""} {
        set url $base_url$path?[pairs [list {*}$query [list "next_page_token" $token]]]
    }
    http::cleanup $response
}
