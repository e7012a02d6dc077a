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
// Needs Free Pascal 3.2 or later. Strings are UTF-8.
program Sample;

{$mode delphi}{$H+}

uses
  SysUtils, Classes, DateUtils, StrUtils, base64, fphttpclient, opensslsockets, uriparser, fpjson, jsonparser;

const
  // Maximum time for a response.
  TimeoutMilliseconds = 60000;

type
  TClient = class(TFPHTTPClient)
  protected
    procedure SendRequest(const Method: string; Address: TURI); override;
  end;
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

procedure Fail(const Message: string);
begin
  WriteLn(StdErr, Message);
  Halt(1);
end;

// Replaces escapes such as \u4f1a by their characters: Free Pascal 3.2's parser damages several in a row.
function Unescaped(const Text: string): string;
var
  At, From: Integer;
  Code: Integer;
  Units: UnicodeString;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
    if Text[At] <> '\' then
      Inc(At)
    else if (At + 5 > Length(Text)) or (Text[At + 1] <> 'u') then
      Inc(At, 2)
    else
    begin
      Units := '';
      Result := Result + Copy(Text, From, At - From);
      From := At;
      while (Copy(Text, At, 2) = '\u') and TryStrToInt('$' + Copy(Text, At + 2, 4), Code) and (Code >= 128) do
      begin
        Units := Units + WideChar(Code);
        Inc(At, 6);
        From := At;
      end;
      Result := Result + UTF8Encode(Units);
      if Units = '' then
        Inc(At, 6);
    end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function IsWhole(const Text: string): Boolean;
var
  C: Char;
begin
  Result := Text <> '';
  for C in Text do
    Result := Result and (C in ['-', '0'..'9']);
end;

// Puts integers of more than 64 bits in quotes: the parser would round them.
function Exact(const Text: string): string;
var
  At, From, Start: Integer;
  Whole: Int64;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
  begin
    Start := At;
    if Text[At] = '"' then
    begin
      Inc(At);
      while (At <= Length(Text)) and (Text[At] <> '"') do
        if Text[At] = '\' then
          Inc(At, 2)
        else
          Inc(At);
      Inc(At);
    end
    else if Text[At] in ['-', '0'..'9'] then
    begin
      while (At <= Length(Text)) and (Text[At] in ['+', '-', '.', '0'..'9', 'e', 'E']) do
        Inc(At);
      if (At - Start > 18) and IsWhole(Copy(Text, Start, At - Start)) and
        not TryStrToInt64(Copy(Text, Start, At - Start), Whole) then
      begin
        Result := Result + Copy(Text, From, Start - From) + '"' + Copy(Text, Start, At - Start) + '"';
        From := At;
      end;
    end
    else
      Inc(At);
  end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function Member(Data: TJSONData; const Name: string): TJSONData;
begin
  Result := nil;
  if Data is TJSONObject then
    Result := TJSONObject(Data).Find(Name);
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

procedure Load(Data: TJSONData; out Value: TTextValue); overload;
begin
  Value.HasValue := (Data <> nil) and (Data.JSONType in [jtString, jtNumber, jtBoolean]);
  if Value.HasValue then
    Value.Value := Data.AsString;
end;

procedure Show(const Place: string; const Text: TTextValue); overload;
begin
  if Text.HasValue then
    PrintLine(Place, Text.Value);
end;

procedure Load(Data: TJSONData; out Value: TIntegerValue); overload;
begin
  if (Data <> nil) and (Data.JSONType = jtString) and (Length(Data.AsString) > 18) and IsWhole(Data.AsString) then
    Fail(Data.AsString + ' does not fit in 64 bits');
  Value.HasValue := (Data <> nil) and (Data.JSONType = jtNumber);
  if Value.HasValue then
    Value.Value := Data.AsInt64;
end;

procedure Show(const Place: string; const Number: TIntegerValue); overload;
begin
  if Number.HasValue then
    PrintLine(Place, IntToStr(Number.Value));
end;

procedure Load(Data: TJSONData; out Value: TAnswer); overload;
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
  Data: TJSONData;
begin
  try
    Data := GetJSON(Unescaped(Exact(Text)));
  except
    on Error: Exception do
      Fail('the response is not JSON (' + Error.Message + '): ' + Text);
  end;
  Load(Data, Result);
  Data.Free;
end;

// Splits the path at its last slash, since TFPHTTPClient adds a slash to a path with a colon in its last segment.
procedure TClient.SendRequest(const Method: string; Address: TURI);
var
  Slash: Integer;
begin
  if Address.Document = '' then
  begin
    Slash := LastDelimiter('/', Address.Path);
    Address.Document := Copy(Address.Path, Slash + 1, MaxInt);
    SetLength(Address.Path, Slash);
  end;
  inherited SendRequest(Method, Address);
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
  C: Char;
begin
  Result := '';
  for C in Text do
    if C in ['A'..'Z', 'a'..'z', '0'..'9', '-', '.', '_', '~'] then
      Result := Result + C
    else
      Result := Result + '%' + IntToHex(Ord(C), 2);
end;

function Header(Client: TClient; const Name: string): string;
var
  Line: string;
begin
  Result := '';
  for Line in Client.ResponseHeaders do
    if StartsText(Name + ':', Line) then
      Result := Trim(Copy(Line, Length(Name) + 2, MaxInt));
end;

// Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
function WaitSeconds(Client: TClient): Int64;
var
  RetryAfter: string;
  UntilTime: TDateTime;
begin
  RetryAfter := Header(Client, 'Retry-After');
  if TryStrToInt64(RetryAfter, Result) then
    Exit;
  Result := 1;
  if TryISO8601ToDate(RetryAfter, UntilTime, True) then
  begin
    Result := Round((UntilTime - LocalTimeToUniversal(Now)) * SecsPerDay) + 1;
    if Result < 0 then
      Result := 0;
  end;
end;

// Returns the body of a successful response; the headers stay in the client. Retries up to five times after 429.
function Send(Client: TClient; const Url: string; const Body: string): string;
var
  Attempt: Integer;
  Seconds: Int64;
  Received: TStringStream;
begin
  Received := TStringStream.Create('');
  try
    for Attempt := 1 to 6 do
    begin
      Received.Size := 0;
      if Body <> '' then
        Client.RequestBody := TStringStream.Create(Body);
      try
        try
          // An empty list of expected statuses accepts every response.
          Client.HTTPMethod('POST', Url, Received, []);
        except
          on Error: Exception do
            Fail(Url + ': ' + Error.Message);
        end;
      finally
        Client.RequestBody.Free;
        Client.RequestBody := nil;
      end;
      if (Client.ResponseStatusCode >= 200) and (Client.ResponseStatusCode < 300) then
        Exit(Received.DataString);
      if (Client.ResponseStatusCode <> 429) or (Attempt = 6) then
        Fail('HTTP ' + IntToStr(Client.ResponseStatusCode) + ': ' + Received.DataString);
      Seconds := WaitSeconds(Client);
      WriteLn(StdErr, '429: waiting ', Seconds, ' s');
      Sleep(Seconds * 1000);
    end;
  finally
    Received.Free;
  end;
end;

// Get an access token.
function CreateToken(const GrantType: string = 'account_credentials'): TAnswer;
var
  Client: TClient;
  BaseUrl, Path, Url, Body: string;
begin
  BaseUrl := Setting('API_BASE_URL');
  while EndsStr('/', BaseUrl) do
    SetLength(BaseUrl, Length(BaseUrl) - 1);
  Path := '/oauth/token';
  Client := TClient.Create(nil);
  try
    Client.IOTimeout := TimeoutMilliseconds;
    Client.AddHeader('Accept', 'application/json');
    Client.AddHeader('Authorization',
      'Basic ' + EncodeStringBase64(Setting('API_CLIENT_ID') + ':' + Setting('API_CLIENT_SECRET')));
    Body := '';
    Client.AddHeader('Content-Type', 'application/x-www-form-urlencoded');
    Body := Encode('grant_type') + '=' + Encode(GrantType);
    Url := BaseUrl + Path;
    Result := Parse(Send(Client, Url, Body));
  finally
    Client.Free;
  end;
end;

begin
  SetTextCodePage(Output, CP_UTF8);
  DefaultSystemCodePage := CP_UTF8;
  Show('', CreateToken());
end.
