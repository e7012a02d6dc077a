#!/usr/bin/env tclsh
# Reads JSON that is built like the sample
# Reads standard input.
# For Tcl 8.6 with tcllib, and tcl-tls where the server speaks HTTPS.
encoding system utf-8

if {[catch {package require json}]} {
    puts stderr "Tcl has no package json: install tcllib"
    exit 1
}

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

fconfigure stdin -encoding utf-8
fconfigure stdout -encoding utf-8 -translation lf
set answer [parse [read stdin]]
set id [member $answer "id"]
show "id" $id
set field_2nd_name [member $answer "2nd-name"]
show "2nd-name" $field_2nd_name
set class [member $answer "class"]
show "class" $class
set mean [member $answer "mean"]
show "mean" $mean
set tags [member $answer "tags"]
set tag_index 0
foreach tag [elements $tags] {
    show [string cat "tags\[" $tag_index "\]"] $tag
    incr tag_index
}
set grid [member $answer "grid"]
set grid_item_index 0
foreach grid_item [elements $grid] {
    set inner $grid_item
    set inner_item_index 0
    foreach inner_item [elements $inner] {
        show [string cat "grid\[" $grid_item_index "\]\[" $inner_item_index "\]"] $inner_item
        incr inner_item_index
    }
    incr grid_item_index
}
set owner [member $answer "owner"]
if {[is OBJECT $owner]} {
    set owner_id [member $owner "id"]
    show "owner.id" $owner_id
    set owner_class [member $owner "class"]
    show "owner.class" $owner_class
}
set rows [member $answer "rows"]
set row_index 0
foreach row [elements $rows] {
    set row_id [member $row "id"]
    show [string cat "rows\[" $row_index "\].id"] $row_id
    set note [member $row "note"]
    show [string cat "rows\[" $row_index "\].note"] $note
    incr row_index
}
set user_name [member $answer "userName"]
show "userName" $user_name
set user_name_value [member $answer "user_name"]
show "user_name" $user_name_value
