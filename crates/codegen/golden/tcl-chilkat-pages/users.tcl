# List users

load ./chilkat.dll

# This example assumes the Chilkat API to have been previously unlocked.

set http [new_CkHttp]

set queryParams [new_CkJsonObject]


# Adds the "Authorization: Bearer <access_token>" header.
CkHttp_put_AuthToken $http "<access_token>"

set sbResponseBody [new_CkStringBuilder]

set jResp [new_CkJsonObject]

set sbRetryAfter [new_CkStringBuilder]

set until [new_CkDateTime]

set now [new_CkDateTime]

set url "https://api.example.com/v2/users"
set attempts 0
set hasNext 1
# Reads the pages one after the other.
while {$hasNext} {
    set hasNext 0
    # resp is a CkHttpResponse
    set resp [CkHttp_QuickRequestParams $http "GET" $url $queryParams]
    if {[CkHttp_get_LastMethodSuccess $http] == 0} then {
        puts [CkHttp_lastErrorText $http]
        delete_CkHttp $http
        delete_CkJsonObject $queryParams
        delete_CkStringBuilder $sbResponseBody
        delete_CkJsonObject $jResp
        delete_CkStringBuilder $sbRetryAfter
        delete_CkDateTime $until
        delete_CkDateTime $now
        exit
    }
    CkHttpResponse_GetBodySb $resp $sbResponseBody
    set respStatusCode [CkHttpResponse_get_StatusCode $resp]

    if {$respStatusCode == 429} then {
        incr attempts
        if {$attempts == 6} then {
            puts "Failed: too many requests."
            delete_CkHttpResponse $resp
            delete_CkHttp $http
            delete_CkJsonObject $queryParams
            delete_CkStringBuilder $sbResponseBody
            delete_CkJsonObject $jResp
            delete_CkStringBuilder $sbRetryAfter
            delete_CkDateTime $until
            delete_CkDateTime $now
            exit
        }
        set retryAfter [CkHttpResponse_getHeaderField $resp "Retry-After"]
        set seconds 1
        if {$retryAfter ne ""} then {
            CkStringBuilder_SetString $sbRetryAfter $retryAfter
            set isInstant [CkStringBuilder_Contains $sbRetryAfter "T" 1]
            if {$isInstant} then {
                CkDateTime_SetFromTimestamp $until $retryAfter
                CkDateTime_SetFromCurrentSystemTime $now
                set seconds [CkDateTime_DiffSeconds $until $now]
            } else {
                set seconds [CkStringBuilder_get_IntValue $sbRetryAfter]
            }
        }
        CkHttp_SleepMs $http [expr {$seconds * 1000}]
        set hasNext 1
    } else {
        if {$respStatusCode >= 400} then {
            puts [CkStringBuilder_getAsString $sbResponseBody]
            puts "Failed."
            delete_CkHttpResponse $resp
            delete_CkHttp $http
            delete_CkJsonObject $queryParams
            delete_CkStringBuilder $sbResponseBody
            delete_CkJsonObject $jResp
            delete_CkStringBuilder $sbRetryAfter
            delete_CkDateTime $until
            delete_CkDateTime $now
            exit
        }
        set attempts 0
        CkJsonObject_LoadSb $jResp $sbResponseBody

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
        set nextToken [CkJsonObject_stringOf $jResp "next_page_token"]
        if {$nextToken ne ""} then {
            CkJsonObject_UpdateString $queryParams "next_page_token" $nextToken
            set hasNext 1
        }
    }
    delete_CkHttpResponse $resp
}

delete_CkHttp $http
delete_CkJsonObject $queryParams
delete_CkStringBuilder $sbResponseBody
delete_CkJsonObject $jResp
delete_CkStringBuilder $sbRetryAfter
delete_CkDateTime $until
delete_CkDateTime $now

