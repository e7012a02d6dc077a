// Get an access token
// POST /oauth/token
//
// Optional parameters:
//   account_id: With `account_credentials`: the account's id.
//   code: With `authorization_code`: the code. It is valid once, for five minutes.
//   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, if there is no Basic header.
// Needs Delphi 10.3 or later.
program Sample;

{$APPTYPE CONSOLE}

uses
  System.SysUtils,
  System.Classes,
  System.DateUtils,
  System.NetEncoding,
  System.Net.HttpClient,
  System.Net.URLClient,
  System.JSON;

const
  // Maximum time for a response.
  TimeoutMilliseconds = 60000;

type
  TTextValue = record
    HasValue: Boolean;
    Value: string;
  end;
  TIntegerValue = record
    HasValue: Boolean;
    Value: Int64;
  end;
  TAnswer = record
    HasValue: Boolean;
    AccessToken: TTextValue;
    ApiUrl: TTextValue;
    ExpiresIn: TIntegerValue;
    RefreshToken: TTextValue;
    Scope: TTextValue;
    TokenType: TTextValue;
  end;

procedure Fail(const Text: string);
begin
  WriteLn(ErrOutput, Text);
  Halt(1);
end;

function Member(Data: TJSONValue; const Name: string): TJSONValue;
begin
  Result := nil;
  if Data is TJSONObject then
    Result := TJSONObject(Data).Values[Name];
end;

procedure PrintLine(const Place, Value: string);
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

// Load reads a value. One that is absent, null or of another type has no value, and Show prints nothing for it.

procedure Load(Data: TJSONValue; out Value: TTextValue); overload;
begin
  Value.HasValue := (Data is TJSONString) or (Data is TJSONBool);
  if Value.HasValue then
    Value.Value := Data.Value;
end;

procedure Show(const Place: string; const Text: TTextValue); overload;
begin
  if Text.HasValue then
    PrintLine(Place, Text.Value);
end;

procedure Load(Data: TJSONValue; out Value: TIntegerValue); overload;
begin
  Value.HasValue := Data is TJSONNumber;
  if not Value.HasValue or TryStrToInt64(Data.Value, Value.Value) then
    Exit;
  if Abs(TJSONNumber(Data).AsDouble) >= 9.2e18 then
    Fail(Data.Value + ' does not fit in 64 bits');
  Value.Value := Trunc(TJSONNumber(Data).AsDouble);
end;

procedure Show(const Place: string; const Number: TIntegerValue); overload;
begin
  if Number.HasValue then
    PrintLine(Place, IntToStr(Number.Value));
end;

procedure Load(Data: TJSONValue; out Value: TAnswer); overload;
begin
  Value := Default(TAnswer);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'access_token'), Value.AccessToken);
  Load(Member(Data, 'api_url'), Value.ApiUrl);
  Load(Member(Data, 'expires_in'), Value.ExpiresIn);
  Load(Member(Data, 'refresh_token'), Value.RefreshToken);
  Load(Member(Data, 'scope'), Value.Scope);
  Load(Member(Data, 'token_type'), Value.TokenType);
end;

procedure Show(const Place: string; const Value: TAnswer); overload;
begin
  Show('access_token', Value.AccessToken);
  Show('api_url', Value.ApiUrl);
  Show('expires_in', Value.ExpiresIn);
  Show('refresh_token', Value.RefreshToken);
  Show('scope', Value.Scope);
  Show('token_type', Value.TokenType);
end;

function Parse(const Text: string): TAnswer;
var
  Data: TJSONValue;
begin
  Data := TJSONObject.ParseJSONValue(Text);
  if Data = nil then
    Fail('the response is not JSON: ' + Text);
  Load(Data, Result);
  Data.Free;
end;

// Returns an environment variable.
function Setting(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Fail('set ' + Name + ' in the environment');
end;

// Percent-encodes everything but letters, digits and -._~
function Encode(const Text: string): string;
var
  B: Byte;
begin
  Result := '';
  for B in TEncoding.UTF8.GetBytes(Text) do
    if CharInSet(Chr(B), ['A'..'Z', 'a'..'z', '0'..'9', '-', '.', '_', '~']) then
      Result := Result + Chr(B)
    else
      Result := Result + '%' + IntToHex(B, 2);
end;

// Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
function WaitSeconds(const Response: IHTTPResponse): Integer;
var
  RetryAfter: string;
  UntilTime: TDateTime;
begin
  RetryAfter := Response.HeaderValue['Retry-After'];
  if TryStrToInt(RetryAfter, Result) then
    Exit;
  Result := 1;
  if TryISO8601ToDate(RetryAfter, UntilTime, True) then
  begin
    Result := SecondsBetween(UntilTime, TTimeZone.Local.ToUniversalTime(Now)) + 1;
    if UntilTime < TTimeZone.Local.ToUniversalTime(Now) then
      Result := 0;
  end;
end;

// Sends the request and returns a successful response. Retries up to five times after 429.
function Send(Client: THTTPClient; const Url: string; const Headers: TNetHeaders; const Body: TBytes): IHTTPResponse;
var
  Attempt, Seconds: Integer;
  Source: TBytesStream;
  Request: IHTTPRequest;
begin
  for Attempt := 1 to 6 do
  begin
    Source := TBytesStream.Create(Body);
    try
      try
        Request := Client.GetRequest('POST', Url);
        if Length(Body) > 0 then
          Request.SourceStream := Source;
        Result := Client.Execute(Request, nil, Headers);
      except
        on Error: Exception do
          Fail(Url + ': ' + Error.Message);
      end;
    finally
      Source.Free;
    end;
    if (Result.StatusCode >= 200) and (Result.StatusCode < 300) then
      Exit;
    if (Result.StatusCode <> 429) or (Attempt = 6) then
      Fail('HTTP ' + IntToStr(Result.StatusCode) + ': ' + Result.ContentAsString(TEncoding.UTF8));
    Seconds := WaitSeconds(Result);
    WriteLn(ErrOutput, '429: waiting ', Seconds, ' s');
    Sleep(Seconds * 1000);
  end;
end;

// Get an access token.
function CreateToken(const GrantType: string = 'account_credentials'): TAnswer;
var
  Client: THTTPClient;
  Headers: TNetHeaders;
  BaseUrl, Path, Url: string;
  Body: TBytes;
  Response: IHTTPResponse;
begin
  BaseUrl := Setting('API_BASE_URL');
  while (BaseUrl <> '') and (BaseUrl[Length(BaseUrl)] = '/') do
    SetLength(BaseUrl, Length(BaseUrl) - 1);
  Path := '/oauth/token';
  Client := THTTPClient.Create;
  try
    Client.ConnectionTimeout := TimeoutMilliseconds;
    Client.ResponseTimeout := TimeoutMilliseconds;
    Headers := [
      TNetHeader.Create('Accept', 'application/json'),
      TNetHeader.Create('Authorization', 'Basic ' + StringReplace(TNetEncoding.Base64.Encode(
        Setting('API_CLIENT_ID') + ':' + Setting('API_CLIENT_SECRET')), #13#10, '', [rfReplaceAll])),
      TNetHeader.Create('Content-Type', 'application/x-www-form-urlencoded')];
    Body := nil;
    Body := TEncoding.UTF8.GetBytes(Encode('grant_type') + '=' + Encode(GrantType));
    Url := BaseUrl + Path;
    Response := Send(Client, Url, Headers, Body);
    Result := Parse(Response.ContentAsString(TEncoding.UTF8));
  finally
    Client.Free;
  end;
end;

begin
  SetTextCodePage(Output, CP_UTF8);
  Show('', CreateToken());
end.
