# Get an access token

import sys

import chilkat

# This example assumes the Chilkat API to have been previously unlocked.

http = chilkat.CkHttp()

queryParams = chilkat.CkJsonObject()

queryParams.UpdateString("grant_type", "account_credentials")

# Adds the "Authorization: Basic" header.
http.put_Login("<client_id>")
http.put_Password("<client_secret>")
http.put_BasicAuth(True)

# resp is a CkHttpResponse
resp = http.QuickRequestParams("POST", "https://api.example.com/oauth/token", queryParams)
if not http.get_LastMethodSuccess():
    print(http.lastErrorText())
    sys.exit(1)

sbResponseBody = chilkat.CkStringBuilder()

resp.GetBodySb(sbResponseBody)

jResp = chilkat.CkJsonObject()

jResp.LoadSb(sbResponseBody)
jResp.put_EmitCompact(False)

print("Response Body:")
print(jResp.emit())

respStatusCode = resp.get_StatusCode()
print("Response Status Code = " + str(respStatusCode))
if respStatusCode >= 400:
    print("Response Header:")
    print(resp.header())
    print("Failed.")
    sys.exit(1)


# Sample JSON response:
# (Sample code for parsing the JSON response is shown below)

# {
#   "access_token": "C5D2_VVRM3epciQT_zHhfU_oPHhNAhSWFHuc7MXnBwg",
#   "api_url": "https://rollcall.example.com",
#   "expires_in": 3600,
#   "scope": "dashboard:read:admin user:read:admin webinar:read:admin",
#   "token_type": "bearer"
# }

access_token = jResp.stringOf("access_token")
api_url = jResp.stringOf("api_url")
expires_in = jResp.IntOf("expires_in")
refresh_token = jResp.stringOf("refresh_token")
scope = jResp.stringOf("scope")
token_type = jResp.stringOf("token_type")


