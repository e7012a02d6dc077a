// List users

var
  http: HCkHttp;
  sbResponseBody: HCkStringBuilder;
  success: Boolean;
  jResp: HCkJsonObject;
  respStatusCode: Integer;
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
begin
  // This example assumes the Chilkat API to have been previously unlocked.

  http := CkHttp_Create();

  // Adds the "Authorization: Bearer <access_token>" header.
  CkHttp_putAuthToken(http,'<access_token>');

  sbResponseBody := CkStringBuilder_Create();

  success := CkHttp_QuickGetSb(http,'https://api.example.com/v2/users',sbResponseBody);
  if (success = False) then
  begin
    Memo1.Lines.Add(CkHttp__lastErrorText(http));
    Exit;
  end;

  jResp := CkJsonObject_Create();

  CkJsonObject_LoadSb(jResp,sbResponseBody);
  CkJsonObject_putEmitCompact(jResp,False);

  Memo1.Lines.Add('Response Body:');
  Memo1.Lines.Add(CkJsonObject__emit(jResp));

  respStatusCode := CkHttp_getLastStatus(http);
  Memo1.Lines.Add('Response Status Code = ' + IntToStr(respStatusCode));
  if (respStatusCode >= 400) then
  begin
    Memo1.Lines.Add('Response Header:');
    Memo1.Lines.Add(CkHttp__lastHeader(http));
    Memo1.Lines.Add('Failed.');
    Exit;
  end;

  // Sample JSON response:
  // (Sample code for parsing the JSON response is shown below)

  // {
  //   "next_page_token": "",
  //   "page_count": 1,
  //   "page_number": 1,
  //   "page_size": 2,
  //   "total_records": 1,
  //   "users": [
  //     {
  //       "created_at": "2019-09-21T01:19:13Z",
  //       "dept": "Operations",
  //       "display_name": "Mary-Jane O'Brien",
  //       "email": "maryjane.obrien@example.com",
  //       "employee_unique_id": "E10011",
  //       "first_name": "Mary-Jane",
  //       "group_ids": [
  //         "ral7goJs0sV7yoUgspduEw",
  //         "wAGheZxI0Q12-HkOUH_Dcg"
  //       ],
  //       "id": "LAfYZt3m0AUZfmlYC_ECJw",
  //       "last_client_version": "6.1.8.48521(win)",
  //       "last_login_time": "2026-03-24T23:35:07Z",
  //       "last_name": "O'Brien",
  //       "license_info_list": [
  //         {
  //           "license_option": 2,
  //           "license_type": "MEETING",
  //           "subscription_id": "S-100200"
  //         },
  //         {
  //           "license_option": 8,
  //           "license_type": "ZOOM_WORKPLACE_BUNDLE",
  //           "subscription_id": "S-100300"
  //         }
  //       ],
  //       "plan_united_type": "1",
  //       "pmi": 788850610,
  //       "role_id": "2",
  //       "status": "active",
  //       "timezone": "Asia/Kolkata",
  //       "type": 2,
  //       "user_created_at": "2019-09-21T01:19:13Z",
  //       "verified": 1
  //     }
  //   ]
  // }

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

  CkHttp_Dispose(http);
  CkStringBuilder_Dispose(sbResponseBody);
  CkJsonObject_Dispose(jResp);
end;
