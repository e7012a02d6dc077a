// Create a tracking code

var
  http: HCkHttp;
  json: HCkJsonObject;
  sbRequestBody: HCkStringBuilder;
  resp: HCkHttpResponse;
  sbResponseBody: HCkStringBuilder;
  jResp: HCkJsonObject;
  respStatusCode: Integer;
  HostProfileCode: PWideChar;
  Id: PWideChar;
  InputMode: PWideChar;
  NameValue: PWideChar;
  i: Integer;
  count_i: Integer;
  DefaultValue: Boolean;
  Value: PWideChar;
  Service: PWideChar;
  ScheduleStartCodesType: PWideChar;
  SiteUrl: PWideChar;
begin
  // This example assumes the Chilkat API to have been previously unlocked.

  http := CkHttp_Create();

  // Adds the "Authorization: Bearer <access_token>" header.
  CkHttp_putAuthToken(http,'<access_token>');

  json := CkJsonObject_Create();

  CkJsonObject_UpdateString(json,'hostProfileCode','optional');
  CkJsonObject_UpdateString(json,'inputMode','select');
  CkJsonObject_UpdateString(json,'name','Department');
  CkJsonObject_UpdateBool(json,'options[0].defaultValue',False);
  CkJsonObject_UpdateString(json,'options[0].value','Engineering');
  CkJsonObject_UpdateBool(json,'options[1].defaultValue',True);
  CkJsonObject_UpdateString(json,'options[1].value','Design');
  CkJsonObject_UpdateBool(json,'options[2].defaultValue',False);
  CkJsonObject_UpdateString(json,'options[2].value','Sales');
  CkJsonObject_UpdateString(json,'scheduleStartCodes[0].service','MeetingCenter');
  CkJsonObject_UpdateString(json,'scheduleStartCodes[0].type','required');
  CkJsonObject_UpdateString(json,'scheduleStartCodes[1].service','EventCenter');
  CkJsonObject_UpdateString(json,'scheduleStartCodes[1].type','optional');
  CkJsonObject_UpdateString(json,'siteUrl','example.webex.com');

  sbRequestBody := CkStringBuilder_Create();

  CkJsonObject_EmitSb(json,sbRequestBody);

  // resp is a CkHttpResponse
  resp := CkHttp_PTextSb(http,'POST','https://api.example.com/v1/admin/meeting/config/trackingCodes',sbRequestBody,'utf-8','application/json',False,False);
  if (CkHttp_getLastMethodSuccess(http) = False) then
  begin
    Memo1.Lines.Add(CkHttp__lastErrorText(http));
    Exit;
  end;

  sbResponseBody := CkStringBuilder_Create();

  CkHttpResponse_GetBodySb(resp,sbResponseBody);

  jResp := CkJsonObject_Create();

  CkJsonObject_LoadSb(jResp,sbResponseBody);
  CkJsonObject_putEmitCompact(jResp,False);

  Memo1.Lines.Add('Response Body:');
  Memo1.Lines.Add(CkJsonObject__emit(jResp));

  respStatusCode := CkHttpResponse_getStatusCode(resp);
  Memo1.Lines.Add('Response Status Code = ' + IntToStr(respStatusCode));
  if (respStatusCode >= 400) then
  begin
    Memo1.Lines.Add('Response Header:');
    Memo1.Lines.Add(CkHttpResponse__header(resp));
    Memo1.Lines.Add('Failed.');
    CkHttpResponse_Dispose(resp);
    Exit;
  end;

  CkHttpResponse_Dispose(resp);

  // Sample JSON response:
  // (Sample code for parsing the JSON response is shown below)

  // {
  //   "hostProfileCode": "optional",
  //   "id": "1",
  //   "inputMode": "select",
  //   "name": "Department",
  //   "options": [
  //     {
  //       "defaultValue": true,
  //       "value": "Engineering"
  //     },
  //     {
  //       "defaultValue": false,
  //       "value": "Design"
  //     }
  //   ],
  //   "scheduleStartCodes": [
  //     {
  //       "service": "All",
  //       "type": "required"
  //     },
  //     {
  //       "service": "MeetingCenter",
  //       "type": "required"
  //     },
  //     {
  //       "service": "EventCenter",
  //       "type": "required"
  //     },
  //     {
  //       "service": "TrainingCenter",
  //       "type": "required"
  //     },
  //     {
  //       "service": "SupportCenter",
  //       "type": "required"
  //     }
  //   ],
  //   "siteUrl": "example.webex.com"
  // }

  HostProfileCode := CkJsonObject__stringOf(jResp,'hostProfileCode');
  Id := CkJsonObject__stringOf(jResp,'id');
  InputMode := CkJsonObject__stringOf(jResp,'inputMode');
  NameValue := CkJsonObject__stringOf(jResp,'name');
  i := 0;
  count_i := CkJsonObject_SizeOfArray(jResp,'options');
  while i < count_i do
  begin
    CkJsonObject_putI(jResp,i);
    DefaultValue := CkJsonObject_BoolOf(jResp,'options[i].defaultValue');
    Value := CkJsonObject__stringOf(jResp,'options[i].value');
    i := i + 1;
  end;
  i := 0;
  count_i := CkJsonObject_SizeOfArray(jResp,'scheduleStartCodes');
  while i < count_i do
  begin
    CkJsonObject_putI(jResp,i);
    Service := CkJsonObject__stringOf(jResp,'scheduleStartCodes[i].service');
    ScheduleStartCodesType := CkJsonObject__stringOf(jResp,'scheduleStartCodes[i].type');
    i := i + 1;
  end;
  SiteUrl := CkJsonObject__stringOf(jResp,'siteUrl');

  CkHttp_Dispose(http);
  CkJsonObject_Dispose(json);
  CkStringBuilder_Dispose(sbRequestBody);
  CkStringBuilder_Dispose(sbResponseBody);
  CkJsonObject_Dispose(jResp);
end;
