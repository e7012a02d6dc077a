// Get an access token

var
  http: HCkHttp;
  queryParams: HCkJsonObject;
  resp: HCkHttpResponse;
  sbResponseBody: HCkStringBuilder;
  jResp: HCkJsonObject;
  respStatusCode: Integer;
  AccessToken: PWideChar;
  ApiUrl: PWideChar;
  ExpiresIn: Integer;
  RefreshToken: PWideChar;
  Scope: PWideChar;
  TokenType: PWideChar;
begin
  // This example assumes the Chilkat API to have been previously unlocked.

  http := CkHttp_Create();

  queryParams := CkJsonObject_Create();

  CkJsonObject_UpdateString(queryParams,'grant_type','account_credentials');

  // Adds the "Authorization: Basic" header.
  CkHttp_putLogin(http,'<client_id>');
  CkHttp_putPassword(http,'<client_secret>');
  CkHttp_putBasicAuth(http,True);

  // resp is a CkHttpResponse
  resp := CkHttp_QuickRequestParams(http,'POST','https://api.example.com/oauth/token',queryParams);
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
  //   "access_token": "C5D2_VVRM3epciQT_zHhfU_oPHhNAhSWFHuc7MXnBwg",
  //   "api_url": "https://rollcall.example.com",
  //   "expires_in": 3600,
  //   "scope": "dashboard:read:admin user:read:admin webinar:read:admin",
  //   "token_type": "bearer"
  // }

  AccessToken := CkJsonObject__stringOf(jResp,'access_token');
  ApiUrl := CkJsonObject__stringOf(jResp,'api_url');
  ExpiresIn := CkJsonObject_IntOf(jResp,'expires_in');
  RefreshToken := CkJsonObject__stringOf(jResp,'refresh_token');
  Scope := CkJsonObject__stringOf(jResp,'scope');
  TokenType := CkJsonObject__stringOf(jResp,'token_type');

  CkHttp_Dispose(http);
  CkJsonObject_Dispose(queryParams);
  CkStringBuilder_Dispose(sbResponseBody);
  CkJsonObject_Dispose(jResp);
end;
