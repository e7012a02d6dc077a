#!/usr/bin/env tclsh
# Reads JSON that is built like the sample
# Reads standard input.
# Needs Tcl 8.6 with tcllib, and tcl-tls for HTTPS.
encoding system utf-8

if {[catch {package require json}]} {
    puts stderr "Tcl has no package json: install tcllib"
    exit 1
}

proc fail {message} {
    puts stderr $message
    exit 1
}

# The types of the response, in the order in which they are printed.
set answer_row [list OBJECT [list \
    "id" INTEGER \
    "note" TEXT \
]]
set owner [list OBJECT [list \
    "id" TEXT \
    "class" JSON \
]]
set answer [list OBJECT [list \
    "id" INTEGER \
    "2nd-name" TEXT \
    "class" BOOLEAN \
    "mean" NUMBER \
    "tags" [list LIST TEXT] \
    "grid" [list LIST [list LIST INTEGER]] \
    "owner" $owner \
    "rows" [list LIST $answer_row] \
    "userName" TEXT \
    "user_name" TEXT \
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
        fail "standard input is not JSON ($value)"
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

fconfigure stdin -encoding utf-8
fconfigure stdout -encoding utf-8 -translation lf
show "" [parse [read stdin]] $answer
