# List users

import sys

import chilkat

# This example assumes the Chilkat API to have been previously unlocked.

http = chilkat.CkHttp()

# Adds the "Authorization: Bearer <access_token>" header.
http.put_AuthToken("<access_token>")

sbResponseBody = chilkat.CkStringBuilder()

success = http.QuickGetSb("https://api.example.com/v2/users", sbResponseBody)
if not success:
    print(http.lastErrorText())
    sys.exit(1)

jResp = chilkat.CkJsonObject()

jResp.LoadSb(sbResponseBody)
jResp.put_EmitCompact(False)

print("Response Body:")
print(jResp.emit())

respStatusCode = http.get_LastStatus()
print("Response Status Code = " + str(respStatusCode))
if respStatusCode >= 400:
    print("Response Header:")
    print(http.lastHeader())
    print("Failed.")
    sys.exit(1)

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

next_page_token = jResp.stringOf("next_page_token")
page_count = jResp.IntOf("page_count")
page_size = jResp.IntOf("page_size")
total_records = jResp.IntOf("total_records")
page_number = jResp.IntOf("page_number")
i = 0
count_i = jResp.SizeOfArray("users")
while i < count_i:
    jResp.put_I(i)
    created_at = jResp.stringOf("users[i].created_at")
    j = 0
    count_j = jResp.SizeOfArray("users[i].custom_attributes")
    while j < count_j:
        jResp.put_J(j)
        key = jResp.stringOf("users[i].custom_attributes[j].key")
        name = jResp.stringOf("users[i].custom_attributes[j].name")
        value = jResp.stringOf("users[i].custom_attributes[j].value")
        j = j + 1
    dept = jResp.stringOf("users[i].dept")
    display_name = jResp.stringOf("users[i].display_name")
    j = 0
    count_j = jResp.SizeOfArray("users[i].division_ids")
    while j < count_j:
        jResp.put_J(j)
        division_ids = jResp.stringOf("users[i].division_ids[j]")
        j = j + 1
    email = jResp.stringOf("users[i].email")
    employee_unique_id = jResp.stringOf("users[i].employee_unique_id")
    first_name = jResp.stringOf("users[i].first_name")
    j = 0
    count_j = jResp.SizeOfArray("users[i].group_ids")
    while j < count_j:
        jResp.put_J(j)
        group_ids = jResp.stringOf("users[i].group_ids[j]")
        j = j + 1
    host_key = jResp.stringOf("users[i].host_key")
    users_id = jResp.stringOf("users[i].id")
    j = 0
    count_j = jResp.SizeOfArray("users[i].im_group_ids")
    while j < count_j:
        jResp.put_J(j)
        im_group_ids = jResp.stringOf("users[i].im_group_ids[j]")
        j = j + 1
    last_client_version = jResp.stringOf("users[i].last_client_version")
    last_login_time = jResp.stringOf("users[i].last_login_time")
    last_name = jResp.stringOf("users[i].last_name")
    j = 0
    count_j = jResp.SizeOfArray("users[i].license_info_list")
    while j < count_j:
        jResp.put_J(j)
        license_option = jResp.IntOf("users[i].license_info_list[j].license_option")
        license_type = jResp.stringOf("users[i].license_info_list[j].license_type")
        subscription_id = jResp.stringOf("users[i].license_info_list[j].subscription_id")
        j = j + 1
    plan_united_type = jResp.stringOf("users[i].plan_united_type")
    pmi = jResp.IntOf("users[i].pmi")
    role_id = jResp.stringOf("users[i].role_id")
    status = jResp.stringOf("users[i].status")
    timezone = jResp.stringOf("users[i].timezone")
    users_type = jResp.IntOf("users[i].type")
    user_created_at = jResp.stringOf("users[i].user_created_at")
    verified = jResp.IntOf("users[i].verified")
    i = i + 1


