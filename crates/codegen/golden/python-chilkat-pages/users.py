# List users

import sys

import chilkat

# This example assumes the Chilkat API to have been previously unlocked.

http = chilkat.CkHttp()

queryParams = chilkat.CkJsonObject()


# Adds the "Authorization: Bearer <access_token>" header.
http.put_AuthToken("<access_token>")

sbResponseBody = chilkat.CkStringBuilder()

jResp = chilkat.CkJsonObject()

sbRetryAfter = chilkat.CkStringBuilder()

until = chilkat.CkDateTime()

now = chilkat.CkDateTime()

url = "https://api.example.com/v2/users"
attempts = 0
hasNext = True
# Reads the pages one after the other.
while hasNext:
    hasNext = False
    # resp is a CkHttpResponse
    resp = http.QuickRequestParams("GET", url, queryParams)
    if not http.get_LastMethodSuccess():
        print(http.lastErrorText())
        sys.exit(1)
    resp.GetBodySb(sbResponseBody)
    respStatusCode = resp.get_StatusCode()

    if respStatusCode == 429:
        attempts = attempts + 1
        if attempts == 6:
            print("Failed: too many requests.")
            sys.exit(1)
        retryAfter = resp.getHeaderField("Retry-After")
        seconds = 1
        if retryAfter:
            sbRetryAfter.SetString(retryAfter)
            isInstant = sbRetryAfter.Contains("T", True)
            if isInstant:
                until.SetFromTimestamp(retryAfter)
                now.SetFromCurrentSystemTime()
                seconds = until.DiffSeconds(now)
            else:
                seconds = sbRetryAfter.get_IntValue()
        http.SleepMs(seconds * 1000)
        hasNext = True
    else:
        if respStatusCode >= 400:
            print(sbResponseBody.getAsString())
            print("Failed.")
            sys.exit(1)
        attempts = 0
        jResp.LoadSb(sbResponseBody)

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
        nextToken = jResp.stringOf("next_page_token")
        if nextToken:
            queryParams.UpdateString("next_page_token", nextToken)
            hasNext = True


