# Get an access token

load ./chilkat.dll

# This example assumes the Chilkat API to have been previously unlocked.

set http [new_CkHttp]

set queryParams [new_CkJsonObject]

CkJsonObject_UpdateString $queryParams "grant_type" "account_credentials"

# Adds the "Authorization: Basic" header.
CkHttp_put_Login $http "<client_id>"
CkHttp_put_Password $http "<client_secret>"
CkHttp_put_BasicAuth $http 1

# resp is a CkHttpResponse
set resp [CkHttp_QuickRequestParams $http "POST" "https://api.example.com/oauth/token" $queryParams]
if {[CkHttp_get_LastMethodSuccess $http] == 0} then {
    puts [CkHttp_lastErrorText $http]
    delete_CkHttp $http
    delete_CkJsonObject $queryParams
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
    delete_CkJsonObject $queryParams
    delete_CkStringBuilder $sbResponseBody
    delete_CkJsonObject $jResp
    exit
}

delete_CkHttpResponse $resp

# Sample JSON response:
# (Sample code for parsing the JSON response is shown below)

# {
#   "access_token": "C5D2_VVRM3epciQT_zHhfU_oPHhNAhSWFHuc7MXnBwg",
#   "api_url": "https://rollcall.example.com",
#   "expires_in": 3600,
#   "scope": "dashboard:read:admin user:read:admin webinar:read:admin",
#   "token_type": "bearer"
# }

set access_token [CkJsonObject_stringOf $jResp "access_token"]
set api_url [CkJsonObject_stringOf $jResp "api_url"]
set expires_in [CkJsonObject_IntOf $jResp "expires_in"]
set refresh_token [CkJsonObject_stringOf $jResp "refresh_token"]
set scope [CkJsonObject_stringOf $jResp "scope"]
set token_type [CkJsonObject_stringOf $jResp "token_type"]

delete_CkHttp $http
delete_CkJsonObject $queryParams
delete_CkStringBuilder $sbResponseBody
delete_CkJsonObject $jResp

