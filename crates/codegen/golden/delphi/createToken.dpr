// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.
// For Delphi 10.3 or later.
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

procedure Fail(const Text: string);
begin
  WriteLn(ErrOutput, Text);
  Halt(1);
end;

function Member(Parent: TJSONValue; const Name: string): TJSONValue;
begin
  Result := nil;
  if Parent is TJSONObject then
    Result := TJSONObject(Parent).Values[Name];
end;

// The text of a value; a number as it is written.
function GetText(Data: TJSONValue; out Value: string): Boolean;
begin
  Result := (Data is TJSONString) or (Data is TJSONBool);
  if Result then
    Value := Data.Value;
end;

function GetInteger(Data: TJSONValue; out Value: Int64): Boolean;
begin
  Result := Data is TJSONNumber;
  if not Result or TryStrToInt64(Data.Value, Value) then
    Exit;
  if Abs(TJSONNumber(Data).AsDouble) >= 9.2e18 then
    Fail(Data.Value + ' does not fit in 64 bits');
  Value := Trunc(TJSONNumber(Data).AsDouble);
end;

// Prints a value on one line.
procedure Show(const Place, Value: string); overload;
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

procedure Show(const Place: string; Value: Int64); overload;
begin
  Show(Place, IntToStr(Value));
end;

// Prints a value as what it is, objects and arrays as JSON; nothing if it is null.
procedure ShowValue(const Place: string; Data: TJSONValue);
var
  Value: string;
begin
  if GetText(Data, Value) then
    Show(Place, Value)
  else if (Data is TJSONObject) or (Data is TJSONArray) then
    Show(Place, Data.ToJSON);
end;

// A variable of the environment.
function Setting(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Fail('set ' + Name + ' in the environment');
end;

// Percent-encodes all bytes of UTF-8 but letters, digits and -._~.
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

// How long a response with status 429 asks to wait: in seconds, or up to an instant.
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

// A good response; after 429 it waits and asks again, at most five times.
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

var
  Client: THTTPClient;
  Headers: TNetHeaders;
  BaseUrl, Path, Query, Url: string;
  Content: TBytes;
  Response: IHTTPResponse;
  GrantType: string;
  Text: string;
  Answer: TJSONValue;
  AccessToken: string;
  ApiUrl: string;
  ExpiresIn: Int64;
  RefreshToken: string;
  Scope: string;
  TokenType: string;
begin
  SetTextCodePage(Output, CP_UTF8);
  BaseUrl := Setting('API_BASE_URL');
  while (BaseUrl <> '') and (BaseUrl[Length(BaseUrl)] = '/') do
    SetLength(BaseUrl, Length(BaseUrl) - 1);
  GrantType := 'account_credentials';

  Client := THTTPClient.Create;
  // How long a server may take to respond, in milliseconds.
  Client.ConnectionTimeout := 60000;
  Client.ResponseTimeout := 60000;
  Headers := [
    TNetHeader.Create('Accept', 'application/json'),
    TNetHeader.Create('Authorization', 'Basic ' + StringReplace(TNetEncoding.Base64.Encode(
      Setting('API_CLIENT_ID') + ':' + Setting('API_CLIENT_SECRET')), #13#10, '', [rfReplaceAll])),
    TNetHeader.Create('Content-Type', 'application/x-www-form-urlencoded')];
  Content := nil;
  Content := TEncoding.UTF8.GetBytes(
Encode('grant_type') + '=' + Encode(GrantType));

  Path := '/oauth/token';
  Query := '';
  Url := BaseUrl + Path;
  if Query <> '' then
    Url := Url + '?' + Query;
  Response := Send(Client, Url, Headers, Content);
  Text := Response.ContentAsString(TEncoding.UTF8);
  Answer := TJSONObject.ParseJSONValue(Text);
  if Answer = nil then
    Fail('the answer is not JSON: ' + Text);
  if GetText(Member(Answer, 'access_token'), AccessToken) then
    Show('access_token', AccessToken);
  if GetText(Member(Answer, 'api_url'), ApiUrl) then
    Show('api_url', ApiUrl);
  if GetInteger(Member(Answer, 'expires_in'), ExpiresIn) then
    Show('expires_in', ExpiresIn);
  if GetText(Member(Answer, 'refresh_token'), RefreshToken) then
    Show('refresh_token', RefreshToken);
  if GetText(Member(Answer, 'scope'), Scope) then
    Show('scope', Scope);
  if GetText(Member(Answer, 'token_type'), TokenType) then
    Show('token_type', TokenType);
  Answer.Free;
  Client.Free;
end.
