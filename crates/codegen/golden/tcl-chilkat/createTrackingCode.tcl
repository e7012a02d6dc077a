# Create a tracking code

load ./chilkat.dll

# This example assumes the Chilkat API to have been previously unlocked.

set http [new_CkHttp]

# Adds the "Authorization: Bearer <access_token>" header.
CkHttp_put_AuthToken $http "<access_token>"

set json [new_CkJsonObject]

CkJsonObject_UpdateString $json "hostProfileCode" "optional"
CkJsonObject_UpdateString $json "inputMode" "select"
CkJsonObject_UpdateString $json "name" "Department"
CkJsonObject_UpdateBool $json "options\[0\].defaultValue" 0
CkJsonObject_UpdateString $json "options\[0\].value" "Engineering"
CkJsonObject_UpdateBool $json "options\[1\].defaultValue" 1
CkJsonObject_UpdateString $json "options\[1\].value" "Design"
CkJsonObject_UpdateBool $json "options\[2\].defaultValue" 0
CkJsonObject_UpdateString $json "options\[2\].value" "Sales"
CkJsonObject_UpdateString $json "scheduleStartCodes\[0\].service" "MeetingCenter"
CkJsonObject_UpdateString $json "scheduleStartCodes\[0\].type" "required"
CkJsonObject_UpdateString $json "scheduleStartCodes\[1\].service" "EventCenter"
CkJsonObject_UpdateString $json "scheduleStartCodes\[1\].type" "optional"
CkJsonObject_UpdateString $json "siteUrl" "example.webex.com"

set sbRequestBody [new_CkStringBuilder]

CkJsonObject_EmitSb $json $sbRequestBody

# resp is a CkHttpResponse
set resp [CkHttp_PTextSb $http "POST" "https://api.example.com/v1/admin/meeting/config/trackingCodes" $sbRequestBody "utf-8" "application/json" 0 0]
if {[CkHttp_get_LastMethodSuccess $http] == 0} then {
    puts [CkHttp_lastErrorText $http]
    delete_CkHttp $http
    delete_CkJsonObject $json
    delete_CkStringBuilder $sbRequestBody
    exit
}

set sbResponseBody [new_CkStringBuilder]

CkHttpResponse_GetBodySb $resp $sbResponseBody

set jResp [new_CkJsonObject]

CkJsonObject_LoadSb $jResp $sbResponseBody
CkJsonObject_put_EmitCompact $jResp 0

puts "Response Body:"
puts [CkJsonObject_emit $jResp]

set respStatusCode [CkHttpResponse_get_StatusCode $resp]
puts [string cat "Response Status Code = " $respStatusCode]
if {$respStatusCode >= 400} then {
    puts "Response Header:"
    puts [CkHttpResponse_header $resp]
    puts "Failed."
    delete_CkHttpResponse $resp
    delete_CkHttp $http
    delete_CkJsonObject $json
    delete_CkStringBuilder $sbRequestBody
    delete_CkStringBuilder $sbResponseBody
    delete_CkJsonObject $jResp
    exit
}

delete_CkHttpResponse $resp

# Sample JSON response:
# (Sample code for parsing the JSON response is shown below)

# {
#   "hostProfileCode": "optional",
#   "id": "1",
#   "inputMode": "select",
#   "name": "Department",
#   "options": [
#     {
#       "defaultValue": true,
#       "value": "Engineering"
#     },
#     {
#       "defaultValue": false,
#       "value": "Design"
#     }
#   ],
#   "scheduleStartCodes": [
#     {
#       "service": "All",
#       "type": "required"
#     },
#     {
#       "service": "MeetingCenter",
#       "type": "required"
#     },
#     {
#       "service": "EventCenter",
#       "type": "required"
#     },
#     {
#       "service": "TrainingCenter",
#       "type": "required"
#     },
#     {
#       "service": "SupportCenter",
#       "type": "required"
#     }
#   ],
#   "siteUrl": "example.webex.com"
# }

set host_profile_code [CkJsonObject_stringOf $jResp "hostProfileCode"]
set id [CkJsonObject_stringOf $jResp "id"]
set input_mode [CkJsonObject_stringOf $jResp "inputMode"]
set name [CkJsonObject_stringOf $jResp "name"]
set i 0
set count_i [CkJsonObject_SizeOfArray $jResp "options"]
while {$i < $count_i} {
    CkJsonObject_put_I $jResp $i
    set default_value [CkJsonObject_BoolOf $jResp "options\[i\].defaultValue"]
    set value [CkJsonObject_stringOf $jResp "options\[i\].value"]
    incr i
}
set i 0
set count_i [CkJsonObject_SizeOfArray $jResp "scheduleStartCodes"]
while {$i < $count_i} {
    CkJsonObject_put_I $jResp $i
    set service [CkJsonObject_stringOf $jResp "scheduleStartCodes\[i\].service"]
    set type [CkJsonObject_stringOf $jResp "scheduleStartCodes\[i\].type"]
    incr i
}
set site_url [CkJsonObject_stringOf $jResp "siteUrl"]

delete_CkHttp $http
delete_CkJsonObject $json
delete_CkStringBuilder $sbRequestBody
delete_CkStringBuilder $sbResponseBody
delete_CkJsonObject $jResp

