# List users

load ./chilkat.dll

# This example assumes the Chilkat API to have been previously unlocked.

set http [new_CkHttp]

# Adds the "Authorization: Bearer <access_token>" header.
CkHttp_put_AuthToken $http "<access_token>"

set sbResponseBody [new_CkStringBuilder]

set success [CkHttp_QuickGetSb $http "https://api.example.com/v2/users" $sbResponseBody]
if {$success == 0} then {
    puts [CkHttp_lastErrorText $http]
    delete_CkHttp $http
    delete_CkStringBuilder $sbResponseBody
    exit
}

set jResp [new_CkJsonObject]

CkJsonObject_LoadSb $jResp $sbResponseBody
CkJsonObject_put_EmitCompact $jResp 0

puts "Response Body:"
puts [CkJsonObject_emit $jResp]

set respStatusCode [CkHttp_get_LastStatus $http]
puts [string cat "Response Status Code = " $respStatusCode]
if {$respStatusCode >= 400} then {
    puts "Response Header:"
    puts [CkHttp_lastHeader $http]
    puts "Failed."
    delete_CkHttp $http
    delete_CkStringBuilder $sbResponseBody
    delete_CkJsonObject $jResp
    exit
}

# Sample JSON response:
# (Sample code for parsing the JSON response is shown below)

# {
#   "next_page_token": "",
#   "page_count": 1,
#   "page_number": 1,
#   "page_size": 2,
#   "total_records": 1,
#   "users": [
#     {
#       "created_at": "2019-09-21T01:19:13Z",
#       "dept": "Operations",
#       "display_name": "Mary-Jane O'Brien",
#       "email": "maryjane.obrien@example.com",
#       "employee_unique_id": "E10011",
#       "first_name": "Mary-Jane",
#       "group_ids": [
#         "ral7goJs0sV7yoUgspduEw",
#         "wAGheZxI0Q12-HkOUH_Dcg"
#       ],
#       "id": "LAfYZt3m0AUZfmlYC_ECJw",
#       "last_client_version": "6.1.8.48521(win)",
#       "last_login_time": "2026-03-24T23:35:07Z",
#       "last_name": "O'Brien",
#       "license_info_list": [
#         {
#           "license_option": 2,
#           "license_type": "MEETING",
#           "subscription_id": "S-100200"
#         },
#         {
#           "license_option": 8,
#           "license_type": "ZOOM_WORKPLACE_BUNDLE",
#           "subscription_id": "S-100300"
#         }
#       ],
#       "plan_united_type": "1",
#       "pmi": 788850610,
#       "role_id": "2",
#       "status": "active",
#       "timezone": "Asia/Kolkata",
#       "type": 2,
#       "user_created_at": "2019-09-21T01:19:13Z",
#       "verified": 1
#     }
#   ]
# }

set next_page_token [CkJsonObject_stringOf $jResp "next_page_token"]
set page_count [CkJsonObject_IntOf $jResp "page_count"]
set page_size [CkJsonObject_IntOf $jResp "page_size"]
set total_records [CkJsonObject_IntOf $jResp "total_records"]
set page_number [CkJsonObject_IntOf $jResp "page_number"]
set i 0
set count_i [CkJsonObject_SizeOfArray $jResp "users"]
while {$i < $count_i} {
    CkJsonObject_put_I $jResp $i
    set created_at [CkJsonObject_stringOf $jResp "users\[i\].created_at"]
    set j 0
    set count_j [CkJsonObject_SizeOfArray $jResp "users\[i\].custom_attributes"]
    while {$j < $count_j} {
        CkJsonObject_put_J $jResp $j
        set key [CkJsonObject_stringOf $jResp "users\[i\].custom_attributes\[j\].key"]
        set name [CkJsonObject_stringOf $jResp "users\[i\].custom_attributes\[j\].name"]
        set value [CkJsonObject_stringOf $jResp "users\[i\].custom_attributes\[j\].value"]
        incr j
    }
    set dept [CkJsonObject_stringOf $jResp "users\[i\].dept"]
    set display_name [CkJsonObject_stringOf $jResp "users\[i\].display_name"]
    set j 0
    set count_j [CkJsonObject_SizeOfArray $jResp "users\[i\].division_ids"]
    while {$j < $count_j} {
        CkJsonObject_put_J $jResp $j
        set division_ids [CkJsonObject_stringOf $jResp "users\[i\].division_ids\[j\]"]
        incr j
    }
    set email [CkJsonObject_stringOf $jResp "users\[i\].email"]
    set employee_unique_id [CkJsonObject_stringOf $jResp "users\[i\].employee_unique_id"]
    set first_name [CkJsonObject_stringOf $jResp "users\[i\].first_name"]
    set j 0
    set count_j [CkJsonObject_SizeOfArray $jResp "users\[i\].group_ids"]
    while {$j < $count_j} {
        CkJsonObject_put_J $jResp $j
        set group_ids [CkJsonObject_stringOf $jResp "users\[i\].group_ids\[j\]"]
        incr j
    }
    set host_key [CkJsonObject_stringOf $jResp "users\[i\].host_key"]
    set id [CkJsonObject_stringOf $jResp "users\[i\].id"]
    set j 0
    set count_j [CkJsonObject_SizeOfArray $jResp "users\[i\].im_group_ids"]
    while {$j < $count_j} {
        CkJsonObject_put_J $jResp $j
        set im_group_ids [CkJsonObject_stringOf $jResp "users\[i\].im_group_ids\[j\]"]
        incr j
    }
    set last_client_version [CkJsonObject_stringOf $jResp "users\[i\].last_client_version"]
    set last_login_time [CkJsonObject_stringOf $jResp "users\[i\].last_login_time"]
    set last_name [CkJsonObject_stringOf $jResp "users\[i\].last_name"]
    set j 0
    set count_j [CkJsonObject_SizeOfArray $jResp "users\[i\].license_info_list"]
    while {$j < $count_j} {
        CkJsonObject_put_J $jResp $j
        set license_option [CkJsonObject_IntOf $jResp "users\[i\].license_info_list\[j\].license_option"]
        set license_type [CkJsonObject_stringOf $jResp "users\[i\].license_info_list\[j\].license_type"]
        set subscription_id [CkJsonObject_stringOf $jResp "users\[i\].license_info_list\[j\].subscription_id"]
        incr j
    }
    set plan_united_type [CkJsonObject_stringOf $jResp "users\[i\].plan_united_type"]
    set pmi [CkJsonObject_IntOf $jResp "users\[i\].pmi"]
    set role_id [CkJsonObject_stringOf $jResp "users\[i\].role_id"]
    set status [CkJsonObject_stringOf $jResp "users\[i\].status"]
    set timezone [CkJsonObject_stringOf $jResp "users\[i\].timezone"]
    set type [CkJsonObject_IntOf $jResp "users\[i\].type"]
    set user_created_at [CkJsonObject_stringOf $jResp "users\[i\].user_created_at"]
    set verified [CkJsonObject_IntOf $jResp "users\[i\].verified"]
    incr i
}

delete_CkHttp $http
delete_CkStringBuilder $sbResponseBody
delete_CkJsonObject $jResp

