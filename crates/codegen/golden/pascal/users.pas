// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs Free Pascal 3.2 or later. Strings are UTF-8.
program Sample;

{$mode delphi}{$H+}

uses
  SysUtils, Classes, DateUtils, StrUtils, fphttpclient, opensslsockets, uriparser, fpjson, jsonparser;

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
  TTextValueList = array of TTextValue;
  TIntegerValue = record
    HasValue: Boolean;
    Value: Int64;
  end;
  TLicenseInfoListItem = record
    HasValue: Boolean;
    LicenseOption: TIntegerValue;
    LicenseType: TTextValue;
    SubscriptionId: TTextValue;
  end;
  TLicenseInfoListItemList = array of TLicenseInfoListItem;
  TCustomAttribute = record
    HasValue: Boolean;
    Key: TTextValue;
    NameValue: TTextValue;
    Value: TTextValue;
  end;
  TCustomAttributeList = array of TCustomAttribute;
  TUser = record
    HasValue: Boolean;
    CreatedAt: TTextValue;
    CustomAttributes: TCustomAttributeList;
    Dept: TTextValue;
    DisplayName: TTextValue;
    DivisionIds: TTextValueList;
    Email: TTextValue;
    EmployeeUniqueId: TTextValue;
    FirstName: TTextValue;
    GroupIds: TTextValueList;
    HostKey: TTextValue;
    Id: TTextValue;
    ImGroupIds: TTextValueList;
    LastClientVersion: TTextValue;
    LastLoginTime: TTextValue;
    LastName: TTextValue;
    LicenseInfoList: TLicenseInfoListItemList;
    PlanUnitedType: TTextValue;
    Pmi: TIntegerValue;
    RoleId: TTextValue;
    Status: TTextValue;
    Timezone: TTextValue;
    TypeValue: TIntegerValue;
    UserCreatedAt: TTextValue;
    Verified: TIntegerValue;
  end;
  TUserList = array of TUser;
  TAnswer = record
    HasValue: Boolean;
    NextPageToken: TTextValue;
    PageCount: TIntegerValue;
    PageSize: TIntegerValue;
    TotalRecords: TIntegerValue;
    PageNumber: TIntegerValue;
    Users: TUserList;
  end;
  TPageHandler = procedure(const Page: TAnswer);

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

var
  // The lists that have been printed, with how many elements each: a list continues on the next page.
  Printed: TStringList;

// Returns how many elements of a list were printed before, and counts the next ones.
function Continued(const Place: string; Count: Integer): Integer;
var
  Index: Integer;
begin
  if Pos('[', Place) > 0 then
    Exit(0);
  Index := Printed.IndexOf(Place);
  if Index < 0 then
    Index := Printed.AddObject(Place, nil);
  Result := PtrInt(Printed.Objects[Index]);
  Printed.Objects[Index] := TObject(PtrInt(Result + Count));
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

procedure Load(Data: TJSONData; out List: TTextValueList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TTextValueList); overload;
var
  First, I: Integer;
begin
  First := Continued(Place, Length(List));
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(First + I) + ']', List[I]);
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

procedure Load(Data: TJSONData; out Value: TLicenseInfoListItem); overload;
begin
  Value := Default(TLicenseInfoListItem);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'license_option'), Value.LicenseOption);
  Load(Member(Data, 'license_type'), Value.LicenseType);
  Load(Member(Data, 'subscription_id'), Value.SubscriptionId);
end;

procedure Show(const Place: string; const Value: TLicenseInfoListItem); overload;
begin
  Show(Place + '.license_option', Value.LicenseOption);
  Show(Place + '.license_type', Value.LicenseType);
  Show(Place + '.subscription_id', Value.SubscriptionId);
end;

procedure Load(Data: TJSONData; out List: TLicenseInfoListItemList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TLicenseInfoListItemList); overload;
var
  First, I: Integer;
begin
  First := Continued(Place, Length(List));
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(First + I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out Value: TCustomAttribute); overload;
begin
  Value := Default(TCustomAttribute);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'key'), Value.Key);
  Load(Member(Data, 'name'), Value.NameValue);
  Load(Member(Data, 'value'), Value.Value);
end;

procedure Show(const Place: string; const Value: TCustomAttribute); overload;
begin
  Show(Place + '.key', Value.Key);
  Show(Place + '.name', Value.NameValue);
  Show(Place + '.value', Value.Value);
end;

procedure Load(Data: TJSONData; out List: TCustomAttributeList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TCustomAttributeList); overload;
var
  First, I: Integer;
begin
  First := Continued(Place, Length(List));
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(First + I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out Value: TUser); overload;
begin
  Value := Default(TUser);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'created_at'), Value.CreatedAt);
  Load(Member(Data, 'custom_attributes'), Value.CustomAttributes);
  Load(Member(Data, 'dept'), Value.Dept);
  Load(Member(Data, 'display_name'), Value.DisplayName);
  Load(Member(Data, 'division_ids'), Value.DivisionIds);
  Load(Member(Data, 'email'), Value.Email);
  Load(Member(Data, 'employee_unique_id'), Value.EmployeeUniqueId);
  Load(Member(Data, 'first_name'), Value.FirstName);
  Load(Member(Data, 'group_ids'), Value.GroupIds);
  Load(Member(Data, 'host_key'), Value.HostKey);
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, 'im_group_ids'), Value.ImGroupIds);
  Load(Member(Data, 'last_client_version'), Value.LastClientVersion);
  Load(Member(Data, 'last_login_time'), Value.LastLoginTime);
  Load(Member(Data, 'last_name'), Value.LastName);
  Load(Member(Data, 'license_info_list'), Value.LicenseInfoList);
  Load(Member(Data, 'plan_united_type'), Value.PlanUnitedType);
  Load(Member(Data, 'pmi'), Value.Pmi);
  Load(Member(Data, 'role_id'), Value.RoleId);
  Load(Member(Data, 'status'), Value.Status);
  Load(Member(Data, 'timezone'), Value.Timezone);
  Load(Member(Data, 'type'), Value.TypeValue);
  Load(Member(Data, 'user_created_at'), Value.UserCreatedAt);
  Load(Member(Data, 'verified'), Value.Verified);
end;

procedure Show(const Place: string; const Value: TUser); overload;
begin
  Show(Place + '.created_at', Value.CreatedAt);
  Show(Place + '.custom_attributes', Value.CustomAttributes);
  Show(Place + '.dept', Value.Dept);
  Show(Place + '.display_name', Value.DisplayName);
  Show(Place + '.division_ids', Value.DivisionIds);
  Show(Place + '.email', Value.Email);
  Show(Place + '.employee_unique_id', Value.EmployeeUniqueId);
  Show(Place + '.first_name', Value.FirstName);
  Show(Place + '.group_ids', Value.GroupIds);
  Show(Place + '.host_key', Value.HostKey);
  Show(Place + '.id', Value.Id);
  Show(Place + '.im_group_ids', Value.ImGroupIds);
  Show(Place + '.last_client_version', Value.LastClientVersion);
  Show(Place + '.last_login_time', Value.LastLoginTime);
  Show(Place + '.last_name', Value.LastName);
  Show(Place + '.license_info_list', Value.LicenseInfoList);
  Show(Place + '.plan_united_type', Value.PlanUnitedType);
  Show(Place + '.pmi', Value.Pmi);
  Show(Place + '.role_id', Value.RoleId);
  Show(Place + '.status', Value.Status);
  Show(Place + '.timezone', Value.Timezone);
  Show(Place + '.type', Value.TypeValue);
  Show(Place + '.user_created_at', Value.UserCreatedAt);
  Show(Place + '.verified', Value.Verified);
end;

procedure Load(Data: TJSONData; out List: TUserList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TUserList); overload;
var
  First, I: Integer;
begin
  First := Continued(Place, Length(List));
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(First + I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out Value: TAnswer); overload;
begin
  Value := Default(TAnswer);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'next_page_token'), Value.NextPageToken);
  Load(Member(Data, 'page_count'), Value.PageCount);
  Load(Member(Data, 'page_size'), Value.PageSize);
  Load(Member(Data, 'total_records'), Value.TotalRecords);
  Load(Member(Data, 'page_number'), Value.PageNumber);
  Load(Member(Data, 'users'), Value.Users);
end;

procedure Show(const Place: string; const Value: TAnswer); overload;
begin
  Show('next_page_token', Value.NextPageToken);
  Show('page_count', Value.PageCount);
  Show('page_size', Value.PageSize);
  Show('total_records', Value.TotalRecords);
  Show('page_number', Value.PageNumber);
  Show('users', Value.Users);
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
          Client.HTTPMethod('GET', Url, Received, []);
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

// List users: calls a procedure with each page.
procedure Users(Handle: TPageHandler);
var
  Client: TClient;
  BaseUrl, Path, Url, Body: string;
  Page: TAnswer;
begin
  BaseUrl := Setting('API_BASE_URL');
  while EndsStr('/', BaseUrl) do
    SetLength(BaseUrl, Length(BaseUrl) - 1);
  Path := '/v2/users';
  Client := TClient.Create(nil);
  try
    Client.IOTimeout := TimeoutMilliseconds;
    Client.AddHeader('Accept', 'application/json');
    Client.AddHeader('Authorization', 'Bearer ' + Setting('API_TOKEN'));
    Body := '';
    Url := BaseUrl + Path;
    while Url <> '' do
    begin
      Page := Parse(Send(Client, Url, Body));
      Handle(Page);
      Url := '';
      if Page.NextPageToken.Value <> '' then
        Url := BaseUrl + Path + '?' + 'next_page_token=' + Encode(Page.NextPageToken.Value);
    end;
  finally
    Client.Free;
  end;
end;

procedure ShowPage(const Page: TAnswer);
begin
  Show('', Page);
end;

begin
  SetTextCodePage(Output, CP_UTF8);
  DefaultSystemCodePage := CP_UTF8;
  Printed := TStringList.Create;
  Users(ShowPage);
end.
