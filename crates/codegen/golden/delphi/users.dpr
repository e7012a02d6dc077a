// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs Delphi 10.3 or later.
program Sample;

{$APPTYPE CONSOLE}

uses
  System.SysUtils,
  System.Classes,
  System.DateUtils,
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
  Result := Integer(NativeInt(Printed.Objects[Index]));
  Printed.Objects[Index] := TObject(NativeInt(Result + Count));
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

procedure Load(Data: TJSONValue; out List: TTextValueList); overload;
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

procedure Load(Data: TJSONValue; out Value: TLicenseInfoListItem); overload;
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

procedure Load(Data: TJSONValue; out List: TLicenseInfoListItemList); overload;
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

procedure Load(Data: TJSONValue; out Value: TCustomAttribute); overload;
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

procedure Load(Data: TJSONValue; out List: TCustomAttributeList); overload;
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

procedure Load(Data: TJSONValue; out Value: TUser); overload;
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

procedure Load(Data: TJSONValue; out List: TUserList); overload;
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

procedure Load(Data: TJSONValue; out Value: TAnswer); overload;
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
        Request := Client.GetRequest('GET', Url);
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

// List users: calls a procedure with each page.
procedure Users(Handle: TPageHandler);
var
  Client: THTTPClient;
  Headers: TNetHeaders;
  BaseUrl, Path, Url: string;
  Body: TBytes;
  Response: IHTTPResponse;
  Page: TAnswer;
begin
  BaseUrl := Setting('API_BASE_URL');
  while (BaseUrl <> '') and (BaseUrl[Length(BaseUrl)] = '/') do
    SetLength(BaseUrl, Length(BaseUrl) - 1);
  Path := '/v2/users';
  Client := THTTPClient.Create;
  try
    Client.ConnectionTimeout := TimeoutMilliseconds;
    Client.ResponseTimeout := TimeoutMilliseconds;
    Headers := [
      TNetHeader.Create('Accept', 'application/json'),
      TNetHeader.Create('Authorization', 'Bearer ' + Setting('API_TOKEN'))];
    Body := nil;
    Url := BaseUrl + Path;
    while Url <> '' do
    begin
      Response := Send(Client, Url, Headers, Body);
      Page := Parse(Response.ContentAsString(TEncoding.UTF8));
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
  Printed := TStringList.Create;
  Users(ShowPage);
end.
