// List users

var
  http: HCkHttp;
  queryParams: HCkJsonObject;
  sbResponseBody: HCkStringBuilder;
  jResp: HCkJsonObject;
  sbRetryAfter: HCkStringBuilder;
  until: HCkDateTime;
  now: HCkDateTime;
  url: PWideChar;
  attempts: Integer;
  hasNext: Boolean;
  NextPageToken: PWideChar;
  PageCount: Integer;
  PageSize: Integer;
  TotalRecords: Integer;
  PageNumber: Integer;
  i: Integer;
  count_i: Integer;
  CreatedAt: PWideChar;
  j: Integer;
  count_j: Integer;
  Key: PWideChar;
  CustomAttributesName: PWideChar;
  Value: PWideChar;
  Dept: PWideChar;
  DisplayName: PWideChar;
  DivisionIds: PWideChar;
  Email: PWideChar;
  EmployeeUniqueId: PWideChar;
  FirstName: PWideChar;
  GroupIds: PWideChar;
  HostKey: PWideChar;
  Id: PWideChar;
  ImGroupIds: PWideChar;
  LastClientVersion: PWideChar;
  LastLoginTime: PWideChar;
  LastName: PWideChar;
  LicenseOption: Integer;
  LicenseType: PWideChar;
  SubscriptionId: PWideChar;
  PlanUnitedType: PWideChar;
  Pmi: Integer;
  RoleId: PWideChar;
  Status: PWideChar;
  Timezone: PWideChar;
  UsersType: Integer;
  UserCreatedAt: PWideChar;
  Verified: Integer;
  resp: HCkHttpResponse;
  respStatusCode: Integer;
  nextToken: PWideChar;
  retryAfter: PWideChar;
  seconds: Integer;
  isInstant: Boolean;
begin
  // This example assumes the Chilkat API to have been previously unlocked.

  http := CkHttp_Create();

  queryParams := CkJsonObject_Create();


  // Adds the "Authorization: Bearer <access_token>" header.
  CkHttp_putAuthToken(http,'<access_token>');

  sbResponseBody := CkStringBuilder_Create();

  jResp := CkJsonObject_Create();

  sbRetryAfter := CkStringBuilder_Create();

  until := CkDateTime_Create();

  now := CkDateTime_Create();

  url := 'https://api.example.com/v2/users';
  attempts := 0;
  hasNext := True;
  // Reads the pages one after the other.
  while (hasNext) do
  begin
    hasNext := False;
    // resp is a CkHttpResponse
    resp := CkHttp_QuickRequestParams(http,'GET',url,queryParams);
    if (CkHttp_getLastMethodSuccess(http) = False) then
    begin
      Memo1.Lines.Add(CkHttp__lastErrorText(http));
      Exit;
    end;
    CkHttpResponse_GetBodySb(resp,sbResponseBody);
    respStatusCode := CkHttpResponse_getStatusCode(resp);

    if (respStatusCode = 429) then
    begin
      attempts := attempts + 1;
      if (attempts = 6) then
      begin
        Memo1.Lines.Add('Failed: too many requests.');
        CkHttpResponse_Dispose(resp);
        Exit;
      end;
      retryAfter := CkHttpResponse__getHeaderField(resp,'Retry-After');
      seconds := 1;
      if (retryAfter <> '') then
      begin
        CkStringBuilder_SetString(sbRetryAfter,retryAfter);
        isInstant := CkStringBuilder_Contains(sbRetryAfter,'T',True);
        if (isInstant) then
        begin
          CkDateTime_SetFromTimestamp(until,retryAfter);
          CkDateTime_SetFromCurrentSystemTime(now);
          seconds := CkDateTime_DiffSeconds(until,now);
        end
        else
        begin
          seconds := CkStringBuilder_getIntValue(sbRetryAfter);
        end;
      end;
      CkHttp_SleepMs(http,seconds * 1000);
      hasNext := True;
    end
    else
    begin
      if (respStatusCode >= 400) then
      begin
        Memo1.Lines.Add(CkStringBuilder__getAsString(sbResponseBody));
        Memo1.Lines.Add('Failed.');
        CkHttpResponse_Dispose(resp);
        Exit;
      end;
      attempts := 0;
      CkJsonObject_LoadSb(jResp,sbResponseBody);

      NextPageToken := CkJsonObject__stringOf(jResp,'next_page_token');
      PageCount := CkJsonObject_IntOf(jResp,'page_count');
      PageSize := CkJsonObject_IntOf(jResp,'page_size');
      TotalRecords := CkJsonObject_IntOf(jResp,'total_records');
      PageNumber := CkJsonObject_IntOf(jResp,'page_number');
      i := 0;
      count_i := CkJsonObject_SizeOfArray(jResp,'users');
      while i < count_i do
      begin
        CkJsonObject_putI(jResp,i);
        CreatedAt := CkJsonObject__stringOf(jResp,'users[i].created_at');
        j := 0;
        count_j := CkJsonObject_SizeOfArray(jResp,'users[i].custom_attributes');
        while j < count_j do
        begin
          CkJsonObject_putJ(jResp,j);
          Key := CkJsonObject__stringOf(jResp,'users[i].custom_attributes[j].key');
          CustomAttributesName := CkJsonObject__stringOf(jResp,'users[i].custom_attributes[j].name');
          Value := CkJsonObject__stringOf(jResp,'users[i].custom_attributes[j].value');
          j := j + 1;
        end;
        Dept := CkJsonObject__stringOf(jResp,'users[i].dept');
        DisplayName := CkJsonObject__stringOf(jResp,'users[i].display_name');
        j := 0;
        count_j := CkJsonObject_SizeOfArray(jResp,'users[i].division_ids');
        while j < count_j do
        begin
          CkJsonObject_putJ(jResp,j);
          DivisionIds := CkJsonObject__stringOf(jResp,'users[i].division_ids[j]');
          j := j + 1;
        end;
        Email := CkJsonObject__stringOf(jResp,'users[i].email');
        EmployeeUniqueId := CkJsonObject__stringOf(jResp,'users[i].employee_unique_id');
        FirstName := CkJsonObject__stringOf(jResp,'users[i].first_name');
        j := 0;
        count_j := CkJsonObject_SizeOfArray(jResp,'users[i].group_ids');
        while j < count_j do
        begin
          CkJsonObject_putJ(jResp,j);
          GroupIds := CkJsonObject__stringOf(jResp,'users[i].group_ids[j]');
          j := j + 1;
        end;
        HostKey := CkJsonObject__stringOf(jResp,'users[i].host_key');
        Id := CkJsonObject__stringOf(jResp,'users[i].id');
        j := 0;
        count_j := CkJsonObject_SizeOfArray(jResp,'users[i].im_group_ids');
        while j < count_j do
        begin
          CkJsonObject_putJ(jResp,j);
          ImGroupIds := CkJsonObject__stringOf(jResp,'users[i].im_group_ids[j]');
          j := j + 1;
        end;
        LastClientVersion := CkJsonObject__stringOf(jResp,'users[i].last_client_version');
        LastLoginTime := CkJsonObject__stringOf(jResp,'users[i].last_login_time');
        LastName := CkJsonObject__stringOf(jResp,'users[i].last_name');
        j := 0;
        count_j := CkJsonObject_SizeOfArray(jResp,'users[i].license_info_list');
        while j < count_j do
        begin
          CkJsonObject_putJ(jResp,j);
          LicenseOption := CkJsonObject_IntOf(jResp,'users[i].license_info_list[j].license_option');
          LicenseType := CkJsonObject__stringOf(jResp,'users[i].license_info_list[j].license_type');
          SubscriptionId := CkJsonObject__stringOf(jResp,'users[i].license_info_list[j].subscription_id');
          j := j + 1;
        end;
        PlanUnitedType := CkJsonObject__stringOf(jResp,'users[i].plan_united_type');
        Pmi := CkJsonObject_IntOf(jResp,'users[i].pmi');
        RoleId := CkJsonObject__stringOf(jResp,'users[i].role_id');
        Status := CkJsonObject__stringOf(jResp,'users[i].status');
        Timezone := CkJsonObject__stringOf(jResp,'users[i].timezone');
        UsersType := CkJsonObject_IntOf(jResp,'users[i].type');
        UserCreatedAt := CkJsonObject__stringOf(jResp,'users[i].user_created_at');
        Verified := CkJsonObject_IntOf(jResp,'users[i].verified');
        i := i + 1;
      end;
      nextToken := CkJsonObject__stringOf(jResp,'next_page_token');
      if (nextToken <> '') then
      begin
        CkJsonObject_UpdateString(queryParams,'next_page_token',nextToken);
        hasNext := True;
      end;
    end;
    CkHttpResponse_Dispose(resp);
  end;

  CkHttp_Dispose(http);
  CkJsonObject_Dispose(queryParams);
  CkStringBuilder_Dispose(sbResponseBody);
  CkJsonObject_Dispose(jResp);
  CkStringBuilder_Dispose(sbRetryAfter);
  CkDateTime_Dispose(until);
  CkDateTime_Dispose(now);
end;
